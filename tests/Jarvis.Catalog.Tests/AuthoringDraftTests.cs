using System.Text.Json;
using Jarvis.Catalog.Authoring;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Catalog.Tests;

public sealed class AuthoringDraftTests
{
    [Fact]
    public void Body_WithEveryField_IsAcceptedTrimmed()
    {
        var draft = Read("""
            {"name": "tide-watcher", "description": "  Watches:\r\n the tide ", "system_prompt": "\n\r\n  Look.\r\nWait.\n\n", "tools": ["Read", " Bash(git add:*) ", "Read"],
             "disallowed_tools": ["Write"], "model": "opus[1m]", "permission_mode": "acceptEdits", "max_turns": 7, "skills": ["release-notes"],
             "mcp_servers": ["harbour"], "memory": "project", "background": false, "effort": "high", "isolation": "worktree", "initial_prompt": "Go\non",
             "color": "cyan", "category": "sea", "tags": ["water", "moon"], "whatever": 1}
            """);
        Assert.Equal(("tide-watcher", "Watches:\n the tide", "  Look.\nWait."), (draft.Name, draft.Description, draft.SystemPrompt));
        Assert.Equal(["Read", "Bash(git add:*)"], draft.Tools);
        Assert.Equal(("opus[1m]", "acceptEdits", 7, false, "Go\non"), (draft.Model, draft.PermissionMode, draft.MaxTurns!.Value, draft.Background!.Value, draft.InitialPrompt));
    }

    [Fact]
    public void Body_WithEverythingWrong_NamesEveryField()
    {
        var errors = Errors("""
            {"name": "Tide Watcher", "description": " ", "system_prompt": "\n \n", "tools": "Read", "disallowed_tools": [1], "model": "a b", "permission_mode": "all",
             "max_turns": 0, "skills": ["", "ok"], "mcp_servers": [{"x": {"command": "y"}}], "hooks": {}, "memory": 1, "background": "yes", "effort": "huge",
             "isolation": "vm", "initial_prompt": "\u0000", "color": "mauve", "category": "A b", "tags": ["a\nb"]}
            """);
        Assert.Equal(
            ["background", "category", "color", "description", "disallowed_tools", "effort", "hooks", "initial_prompt", "isolation", "max_turns", "mcp_servers", "memory",
                "model", "name", "permission_mode", "skills[0]", "system_prompt", "tags[0]", "tools"],
            errors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("description", "Uses sk-hunter2hunter2hunter2")]
    [InlineData("system_prompt", "Send `Authorization: Bearer h7u2n9t4e1r6h3u8n5t0e2` along.")]
    [InlineData("initial_prompt", "Open postgres://app:Hunter2!Hunter@db/x")]
    public void Body_WithALiteralSecret_NamesItsFieldAndNotTheSecret(string field, string text)
    {
        var fields = new Dictionary<string, string> { ["name"] = "a", ["description"] = "d", ["system_prompt"] = "p", [field] = text };
        var (wrong, messages) = Assert.Single(Errors(JsonSerializer.Serialize(fields)));
        Assert.Equal(field, wrong);
        Assert.DoesNotContain("unter2", string.Concat(messages), StringComparison.Ordinal);
        Assert.Contains("${NAME}", messages[0], StringComparison.Ordinal);
        Assert.Equal("a", Read(JsonSerializer.Serialize(new Dictionary<string, string>(fields) { [field] = "Uses ${TOKEN} as the API key." })).Name);
    }

    [Fact]
    public void Body_Empty_NamesWhatIsRequired() => Assert.Equal(["description", "name", "system_prompt"], Errors("{}").Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a--b")]
    [InlineData("A")]
    [InlineData("ä")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("../a")]
    [InlineData("a\\nb")]
    [InlineData("a\\u0000")]
    [InlineData("\\ud800")]
    [InlineData("")]
    [InlineData("skill")]
    [InlineData("template")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg")]
    public void Name_ThatIsNone_IsRefused(string name) => Assert.Equal(["name"], Errors($$"""{"name": "{{name}}", "description": "d", "system_prompt": "p"}""").Keys);

    [Theory]
    [InlineData("a", true)]
    [InlineData("1", true)]
    [InlineData("3d-artist", true)]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg", true)]
    public void Name_AsItShouldBe_IsAccepted(string name, bool accepted) =>
        Assert.Equal(accepted, Read($$"""{"name": "{{name}}", "description": "d", "system_prompt": "p"}""").Name == name);

    [Fact]
    public void Replacement_WithoutOrWithItsName_IsAccepted_WithAnotherNot()
    {
        Assert.Equal("kept", Read("""{"description": "d", "system_prompt": "p"}""", "kept").Name);
        Assert.Equal("kept", Read("""{"name": "kept", "description": "d", "system_prompt": "p"}""", "kept").Name);
        Assert.Equal(["name"], Errors("""{"name": "other", "description": "d", "system_prompt": "p"}""", "kept").Keys);
    }

    [Theory]
    [InlineData(DraftReader.MaxPromptBytes / 2, true)]
    [InlineData(DraftReader.MaxPromptBytes / 2 + 1, false)]
    public void SystemPrompt_IsBoundedInBytes(int length, bool accepted)
    {
        var body = JsonSerializer.Serialize(new { name = "a", description = "d", system_prompt = new string('ä', length) });
        if (accepted)
            Assert.Equal(length, Read(body).SystemPrompt.Length);
        else
            Assert.Equal(["system_prompt"], Errors(body).Keys);
    }

    [Fact]
    public void FrontMatter_LargerThanTheReaderLooksThrough_IsRefused()
    {
        var items = Enumerable.Range(0, 100).Select(i => new string('"', 190) + i).ToArray();
        Assert.Equal(["front_matter"], Errors(JsonSerializer.Serialize(new { name = "a", description = "d", system_prompt = "p", tools = items, skills = items })).Keys);
    }

    private static AgentDraft Read(string body, string? name = null)
    {
        var errors = new QueryReader(new QueryCollection());
        var draft = DraftReader.Read(JsonDocument.Parse(body).RootElement, name, errors);
        errors.ThrowIfWrong();
        return draft;
    }

    private static IReadOnlyDictionary<string, string[]> Errors(string body, string? name = null) =>
        Assert.Throws<FailureException>(() => Read(body, name)).Failure.Errors!;
}
