using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Catalog.Authoring;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Tests;

/// <summary>What is made here is exported as a file that every reader takes for the same agent.</summary>
public sealed class AuthoringExportTests
{
    private static readonly AgentDraft Small = new() { Name = "tide-watcher", Description = "Watches the tide.", SystemPrompt = "Look." };

    // What YAML, Markdown and the reader of front matter may trip over.
    private static readonly string[] Nasty =
    [
        "Use when: x", "- a", "# not a comment", "a # b", "a: b", "yes", "No", "true", "null", "~", "123", "1.5", "1e3", "0x1F", "2026-01-31", "12:30:45", "*", "*.md", "&a", "!b",
        "%c", "@d", "`e`", "|", ">-", "{a: b}", "[a, b]", "a, b", "\"", "'", "it's", "\"quoted\"", "'single'", "\\", "\\n", "a\\", "🚢", "ä ß ñ 漢字", "\u200b", "\u00a0x", "x\u2028y",
        "x\u2029y", "\ufeff", "\uffff", "\ue000", "?", "? a", ":", ": a", "a:", "---", "...", "$ARGUMENTS", "<b>", "  x", "x:*", "Bash(git add:*, git push:*)", "name: other", "=", "<<",
    ];

    [Fact]
    public void Export_OfAPlainAgent_IsWhatOneWouldWriteByHand() => Assert.Equal(
        """
        ---
        name: tide-watcher
        description: Watches the tide.
        tools: Read, Bash(git add:*)
        model: sonnet
        permissionMode: plan
        maxTurns: 3
        skills:
          - release-notes
        background: true
        tags:
          - "yes"
          - "#sea"
        ---

        Look.

        """.ReplaceLineEndings("\n"),
        AgentMarkdown.Write(Small with
        {
            Tools = ["Read", "Bash(git add:*)"],
            Model = "sonnet",
            PermissionMode = "plan",
            MaxTurns = 3,
            Skills = ["release-notes"],
            Background = true,
            Tags = ["yes", "#sea"],
        }));

    [Fact]
    public void Export_AsAFile_IsReadAsTheSameAgentWithoutADoubt()
    {
        var text = AgentMarkdown.Write(Small with { Description = "Use when: x\n---\n# y", SystemPrompt = "---\nname: other\n---\n  Look 🚢", Tools = ["*"], Category = "sea", Color = "cyan" });
        using var library = new TempLibrary();
        library.Write("agents/tide-watcher.md", text);
        var snapshot = library.Scan();
        Assert.Empty(snapshot.Diagnostics);
        var entry = Assert.Single(snapshot.Entries);
        var agent = Assert.IsType<Agent>(entry.Resource);
        Assert.Equal(("tide-watcher", "Use when: x\n---\n# y", "sea", "cyan", false), (agent.Name, agent.Description, agent.Category, agent.Color, agent.Editable));
        Assert.Equal(["*"], agent.Tools);
        Assert.Equal(text, Encoding.UTF8.GetString(entry.Content.Utf8));
    }

    [Fact]
    public void Export_OfAnyAgent_IsReadBackAsItWas() => Prop.ForAll(Drafts().ToArbitrary(), draft =>
    {
        var text = AgentMarkdown.Write(draft);
        Assert.Null(AgentFile.Doubt(draft));
        var matter = FrontMatter.Read(text);
        Assert.Equal(FrontMatterState.Yaml, matter.State);
        Assert.Equal(draft.SystemPrompt, matter.Body.Trim('\n'));
        Assert.Equal(
            [draft.Name, draft.Description, draft.Model, draft.PermissionMode, draft.InitialPrompt, draft.MaxTurns?.ToString(CultureInfo.InvariantCulture), draft.Memory],
            new[] { "name", "description", "model", "permissionMode", "initialPrompt", "maxTurns", "memory" }.Select(matter.Text));
        Assert.Equal(draft.Tools, matter.List("tools"));
        Assert.Equal(draft.DisallowedTools, matter.List("disallowedTools"));
        Assert.Equal(draft.Skills, matter.List("skills"));
        Assert.Equal(draft.McpServers, matter.List("mcpServers"));
        Assert.Equal(draft.Tags, matter.List("tags"));
        var agent = Assert.IsType<Agent>(Assert.Single(AgentFile.Parse(new(Guid.Empty, draft.Name, 1, 1, text, default, default), new()).Resources).Resource);
        Assert.Equal((draft.Name, draft.Description, draft.Model, DiagnosticState.Ok), (agent.Name, agent.Description, agent.Model, agent.State));
        Assert.Equal(draft.Tools, agent.Tools);
        Assert.Equal(draft.Tags, agent.Tags);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));

    [Fact]
    public void Definition_StoredAndReadAgain_ExportsTheSameText() => Prop.ForAll(Drafts().ToArbitrary(), draft => Assert.Equal(
        AgentMarkdown.Write(draft),
        AgentMarkdown.Write(JsonSerializer.Deserialize<AgentDraft>(JsonSerializer.Serialize(draft, JsonRules.Options), JsonRules.Options)! with { SystemPrompt = draft.SystemPrompt })))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    private static Gen<AgentDraft> Drafts()
    {
        var any = Gen.OneOf(Gen.Elements(Nasty), Gen.Elements(Nasty).ListOf(3).Select(parts => string.Join(' ', parts)),
            Gen.Choose(0x20, 0x2FFF).Select(code => char.ConvertFromUtf32(code)).ListOf(8).Select(string.Concat), Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32));
        var line = any.Select(text => string.Concat(text.Where(character => !char.IsControl(character))).Trim()).Select(text => text.Length == 0 ? "x" : text);
        var lines = line.ListOf(4).Select(parts => string.Join('\n', parts).Trim());
        var list = line.ListOf(3).Select(IReadOnlyList<string> (items) => [.. items.Distinct(StringComparer.Ordinal)]);
        var name = Gen.Elements("a", "yes", "null", "1", "1e3", "on", "tide-watcher", "3d", "0x1f", "2026-01-31", "n");
        return from names in name
               from description in lines
               from prompt in line.ListOf(5).Select(parts => ("  " + string.Join("\n---\n", parts)).Trim('\n'))
               from tools in list
               from others in list
               from tags in list
               from mode in Gen.Elements<string?>(null, "plan", "default")
               from turns in Gen.Elements<int?>(null, 1, 10_000)
               from initial in lines
               from model in Gen.Elements<string?>(null, "opus", "opus[1m]", "4", "true", "arn:aws:x/y")
               select Small with
               {
                   Name = names,
                   Description = description,
                   SystemPrompt = prompt,
                   Tools = tools,
                   DisallowedTools = others,
                   Skills = tags,
                   McpServers = others,
                   Tags = tags,
                   PermissionMode = mode,
                   MaxTurns = turns,
                   InitialPrompt = initial,
                   Model = model,
                   Memory = mode is null ? null : "user",
                   Background = turns is null ? null : true,
               };
    }
}
