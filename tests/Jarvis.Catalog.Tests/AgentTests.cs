using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class AgentTests
{
    private const string Full = """
        ---
        name: reviewer
        description: Reviews.
        tools: Read, Bash(git diff:*, git log:*)
        disallowedTools:
          - Write
          - Edit
        model: sonnet
        permissionMode: plan
        maxTurns: 12
        skills: [style, testing]
        mcpServers:
          - slack
          - docs:
              type: http
              url: https://docs.example.com/mcp
        hooks:
          PreToolUse:
            - matcher: Bash
          Stop: []
        memory: project
        background: true
        effort: high
        isolation: worktree
        initialPrompt: Begin with the tests.
        color: purple
        ---
        You review.
        """;

    [Fact]
    public void Read_EveryField_IsTyped()
    {
        using var library = new TempLibrary().Write("agents/reviewer.md", Full);
        var agent = library.Only<Agent>();
        Assert.Empty(library.Scan().Diagnostics);
        Assert.Equal(["Read", "Bash(git diff:*, git log:*)"], agent.Tools);
        Assert.Equal(["Write", "Edit"], agent.DisallowedTools);
        Assert.Equal(("sonnet", "plan", 12, "project", true), (agent.Model, agent.PermissionMode, agent.MaxTurns, agent.Memory, agent.Background));
        Assert.Equal(("high", "worktree", "Begin with the tests.", "purple"), (agent.Effort, agent.Isolation, agent.InitialPrompt, agent.Color));
        Assert.Equal(["style", "testing"], agent.Skills);
        Assert.Equal(["slack", "docs"], agent.McpServers);
        Assert.Equal(["PreToolUse", "Stop"], agent.Hooks);
        Assert.Equal(DiagnosticState.Ok, agent.State);
    }

    [Theory]
    [InlineData("maxTurns: many")]
    [InlineData("maxTurns: 0")]
    [InlineData("maxTurns: [1]")]
    [InlineData("background: perhaps")]
    [InlineData("hooks: none")]
    [InlineData("model: {a: b}")]
    [InlineData("tools: {a: b}")]
    [InlineData("skills: [[a]]")]
    public void Read_FieldOfAnotherType_IsLeftOutAndSaid(string line)
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", more: $"{line}\n");
        var agent = library.Only<Agent>();
        Assert.Equal((null, false, null), (agent.MaxTurns, agent.Background, agent.Model));
        Assert.Empty(agent.Hooks.Concat(agent.Tools).Concat(agent.Skills));
        var diagnostic = library.OnlyDiagnostic();
        Assert.Equal(("field_invalid", DiagnosticState.Degraded, DiagnosticState.Degraded, 4), (diagnostic.Code, diagnostic.State, agent.State, diagnostic.Line!.Value));
    }

    [Theory]
    [InlineData("permissionMode: yolo")]
    [InlineData("memory: global")]
    [InlineData("effort: extreme")]
    [InlineData("color: magenta")]
    [InlineData("isolation: vm")]
    [InlineData("model: gpt-9")]
    public void Read_WordThatNobodyKnows_StaysAndIsSaid(string line)
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", more: $"{line}\n");
        Assert.Equal(("field_unknown_value", DiagnosticState.Ok), (library.OnlyDiagnostic().Code, library.Only<Agent>().State));
    }

    [Theory]
    [InlineData("model: claude-opus-4-5-20251101")]
    [InlineData("model: us.anthropic.claude-sonnet-4-5-v1:0")]
    [InlineData("model: sonnet[1m]")]
    [InlineData("model: inherit")]
    [InlineData("model:")]
    [InlineData("maxTurns: '7'")]
    public void Read_KnownValue_IsNotTalkedAbout(string line)
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", more: $"{line}\n");
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Read_FieldOfACommand_IsSaid()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a", more: "allowed-tools: Read\n");
        Assert.Equal("field_misplaced", library.OnlyDiagnostic().Code);
    }

    public static TheoryData<string, string> Secrets => new()
    {
        { "a block", "name: a\ndescription: d\nmcpServers:\n  - files\n  - db:\n      command: npx\n      args: [-y, db, --token, S3cretOfArgs]\n      env:\n        DB_PASSWORD: \"S3cretOfEnv\"\n        MODE: read\nmodel: opus\n" },
        { "a mapping", "name: a\ndescription: d\nmcpServers:\n  db:\n    url: https://user:S3cretOfUrl@db.example.com/mcp?token=S3cretOfQuery\n    headers:\n      Authorization: Bearer S3cretOfHeader\nmodel: opus\n" },
        { "one line", "name: a\ndescription: d\nmcpServers: {db: {command: run, env: {TOKEN: S3cretOfEnv}}}\nmodel: opus\n" },
        { "an escape", "name: a\ndescription: d\nmcpServers: {db: {command: run, env: {TOKEN: \"S3cr\\x65tOfEnv\"}}}\nmodel: opus\n" },
        { "a front matter on one line", "{name: a, description: d, model: opus, mcpServers: {db: {command: run, env: {TOKEN: S3cretOfEnv}}}}\n" },
        { "a quoted key", "\"name\": a\n\"description\": d\n\"model\": opus\n\"mcpServers\":\n  db:\n    env: {TOKEN: S3cretOfEnv}\n" },
        { "no YAML", "name: a\ndescription: x: y\nmcpServers:\n  db:\n    env:\n      TOKEN: S3cretOfEnv\nmodel: opus\n" },
        { "a name that looks like a key", "name: a\ndescription: d\nmodel: opus\nmcpServers: {db: {sk-abcdefghijklmnop12345678: x, env: {TOKEN: S3cretOfEnv}}}\n" },
        { "a key that stands there twice", "name: a\ndescription: d\nmcpServers:\n  db:\n    env:\n      TOKEN: S3cretOfEnv\nmodel: opus\nmcpServers: [files]\n" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Content_InlineServerWithASecret_HasNoSecretInIt(string what, string front)
    {
        using var library = new TempLibrary().Write("agents/a.md", $"---\n{front}---\nUse the key S3cretOfEnv.\n");
        var snapshot = library.Scan();
        var entry = Assert.Single(snapshot.Entries);
        var content = Encoding.UTF8.GetString(entry.Content.Utf8);
        Assert.DoesNotContain("S3cretOf", content[..content.LastIndexOf("---", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.DoesNotContain("S3cr\\x65t", content, StringComparison.Ordinal);
        Assert.Contains("•••", content, StringComparison.Ordinal);
        Assert.Contains(snapshot.Diagnostics, diagnostic => diagnostic is { Code: "literal_secret", Kind: ResourceKind.Agent, Severity: DiagnosticSeverity.Warning });
        Assert.Equal(("a", "opus", true), (entry.Resource.Name, ((Agent)entry.Resource).Model, what.Length > 0));
    }

    [Fact]
    public void Content_InlineServerWithReferencesOnly_IsAsTheFileHasIt()
    {
        const string Text = "---\nname: a\ndescription: d\nmcpServers:\n  db:\n    command: npx\n    args: [-y, \"@scope/db\"]\n    env: {TOKEN: \"${TOKEN}\"}\n---\nBody\n";
        using var library = new TempLibrary().Write("agents/a.md", Text);
        Assert.Equal(Text, Encoding.UTF8.GetString(Assert.Single(library.Scan().Entries).Content.Utf8));
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Content_MaskedBlock_KeepsTheRestAndIsYaml()
    {
        using var library = new TempLibrary().Write("agents/a.md", "---\nname: a\nmcpServers:\n  db:\n    command: npx\n    env:\n      TOKEN: S3cretOfEnv\ndescription: d\n---\nBody\n");
        var content = Encoding.UTF8.GetString(Assert.Single(library.Scan().Entries).Content.Utf8);
        Assert.Equal("---\nname: a\nmcpServers: {\"db\":{\"command\":\"npx\",\"env\":{\"TOKEN\":\"•••\"}}}\ndescription: d\n---\nBody\n", content);
    }

    public static TheoryData<string, string> LooseSecrets => new()
    {
        { "never closed, with a blank line", "---\nname: a\ndescription: d\nmcpServers:\n  db:\n    command: npx\n\n    env:\n      DB: S3cretValueXY\n\nYou help.\n" },
        { "never closed, with a comment", "---\nname: a\ndescription: d\nmcpServers:\n  db:\n    command: npx\n# the token\n    env:\n      DB: S3cretValueXY\n\nYou help.\n" },
        { "never closed, right behind the key", "---\nname: a\ndescription: d\nmcpServers:\n\n  db:\n    env: {DB: S3cretValueXY}\n\n# Role\nYou help.\n" },
        { "a blank line before", "\n---\nname: a\ndescription: d\nmcpServers:\n  db:\n    env:\n      DB: S3cretValueXY\n---\nYou help.\n" },
        { "a blank line before, one line", "\n---\nname: a\n\"mcpServers\": {db: {env: {DB: S3cretValueXY}}}\n---\nYou help.\n" },
        { "a mapping without fences", "\n{name: a, mcpServers: {db: {env: {DB: S3cretValueXY}}}}\nYou help.\n" },
        { "JSON at the margin", "\nname: a\nmcpServers: {\n\"db\": {\n\"env\": {\n\"DB\": \"S3cretValueXY\"\n}}}\nYou help.\n" },
        { "behind much front matter", $"---\nname: a\ndescription: d\n{string.Concat(Enumerable.Repeat("note: one more line of front matter\n", 2_000))}mcpServers:\n  db:\n    env:\n      DB: S3cretValueXY\n---\nYou help.\n" },
        { "on the bound of front matter", $"---\nname: a\nnote: {new string('x', 65_480)}\nmcpServers:\n  db:\n    command: npx\n    command: npx\n    env:\n      DB: S3cretValueXY\n---\nYou help.\n" },
        { "not indented", "\n---\nname: a\nmcpServers:\ndb:\nenv:\n  TOKEN: S3cretValueXY\n  A: ghp_S3cretValueXYS3cretValueXY\n---\nYou help.\n" },
        { "arguments", "---\nname: a\ndescription: x: y\nmcpServers:\n  db:\n    args:\n      - --token\n      - S3cretValueXY\n---\nYou help.\n" },
        { "an example", "\nSee:\n\n```json\n{\"mcpServers\": {\"db\": {\"command\": \"npx\", \"env\": {\"DB\": \"S3cretValueXY\"}}}}\n```\n\nYou help.\n" },
        { "an example with comments", "\n```json\n{ // mine\n  \"mcpServers\": {\n    \"db\": { \"env\": { \"TOKEN\": \"S3cretValueXY\" } }\n  }\n}\n```\n\nYou help.\n" },
        { "a sentence", "\nWrite mcpServers: and below\n\nexport API_KEY=S3cretValueXY\n\nYou help.\n" },
        { "a secret of YAML in the body", "---\nname: a\ndescription: d\nmcpServers:\n  db:\n    env:\n      DB: S3cretValueXY\n---\nYou help. Use S3cretValueXY.\n" },
    };

    [Theory]
    [MemberData(nameof(LooseSecrets))]
    public void Content_ServerOutsideOfCleanFrontMatter_ShowsNoSecretAnywhere(string what, string text)
    {
        using var library = new TempLibrary().Write("agents/a.md", text);
        var snapshot = library.Scan();
        var entry = Assert.Single(snapshot.Entries);
        var content = Encoding.UTF8.GetString(entry.Content.Utf8);
        Assert.DoesNotContain("S3cret", content + Encoding.UTF8.GetString(entry.Json.Span) + string.Concat(snapshot.Diagnostics), StringComparison.Ordinal);
        Assert.Empty(snapshot.Ranker.Find("S3cretValueXY"));
        Assert.Single(snapshot.Ranker.Find("help"));
        Assert.Contains("•••", content, StringComparison.Ordinal);
        Assert.Contains("You help.", content, StringComparison.Ordinal);
        Assert.True(snapshot.Diagnostics.Any(diagnostic => diagnostic is { Code: "literal_secret", Line: > 0 }), what);
    }

    [Theory]
    [InlineData("Add `mcpServers` to the front matter.\n\nmcpServers: files, db\n\nThen go on: run `git log 0123456789abcdef`.\n")]
    [InlineData("Name the servers:\n\nmcpServers:\n  - files\n  - db\n\n# Then\n- one, two\n\nGo on: so.\n")]
    [InlineData("# Set-up\n\n```json\n{\n  \"mcpServers\": {\n    \"db\": {\"command\": \"npx\", \"env\": {\"TOKEN\": \"${TOKEN}\", \"KEY\": \"YOUR_API_KEY\"}}\n  }\n}\n```\n\n- Item: text\n\nEnd.\n")]
    [InlineData("```yaml\nmcpServers:\n  db:\n    command: npx # a comment\n    args: [-y, server]\n```\nAPI key: required.\n")]
    [InlineData("In a sentence mcpServers: the servers, e.g. one: two.\n  Indented.\n")]
    public void Content_ServersMentionedOnly_IsAsTheFileHasIt(string text)
    {
        using var library = new TempLibrary().Write("commands/a.md", text);
        Assert.Equal(text, Encoding.UTF8.GetString(Assert.Single(library.Scan().Entries).Content.Utf8));
        Assert.DoesNotContain(library.Scan().Diagnostics, diagnostic => diagnostic.Code == "literal_secret");
    }

    [Fact]
    public void Content_DefinitionThatNothingCloses_LeavesTheRestReadable()
    {
        using var library = new TempLibrary().Write("commands/a.md", "\nmcpServers:\n  db:\n    env: {A: S3cret}\n\n# Heading\n\nText.\n");
        Assert.Equal("\nmcpServers: \"•••\"\n\n# Heading\n\nText.\n", Encoding.UTF8.GetString(Assert.Single(library.Scan().Entries).Content.Utf8));
    }
}
