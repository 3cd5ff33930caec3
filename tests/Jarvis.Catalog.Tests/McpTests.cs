using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class McpTests
{
    [Fact]
    public void Parse_LiteralSecrets_AppearNowhere()
    {
        using var library = new TempLibrary().Write(".mcp.json", """
            {
              // comments and trailing commas are fine
              "mcpServers": {
                "one": {
                  "command": "npx", "args": ["-y", "server", "--api-key", "hunter2-args", "--token=hunter2-equals", "--header", "Authorization: Bearer hunter2-colon", "sk-hunter2hunter2hunter2"],
                  "env": {"API_KEY": "hunter2-env", "URL": "https://bob:hunter2-user@db/x?token=hunter2-query", "KEEP": "${TOKEN}", "D": "${API_KEY:-hunter2-default}", "LOG_LEVEL": "debug", "PASSWORD": "hunter"},
                },
                "two": {"type": "http", "url": "https://x.test/mcp?api_key=hunter2-url", "headers": {"Authorization": "Bearer ${TOKEN}", "X-Key": "Bearer hunter2-header"}},
              },
            }
            """);
        var snapshot = library.Scan();
        Assert.Equal(2, snapshot.Entries.Count);
        var seen = string.Concat(snapshot.Entries.Select(entry => Encoding.UTF8.GetString(entry.Content.Utf8) + entry.Resource))
            + string.Concat(snapshot.Diagnostics);
        Assert.DoesNotContain("hunter", seen, StringComparison.Ordinal);
        Assert.Empty(snapshot.Ranker.Find("hunter2"));
        Assert.Equal(2, snapshot.Diagnostics.Count(diagnostic => diagnostic.Code == "literal_secret"));

        var one = Assert.IsType<McpServer>(snapshot[ResourceKind.McpServer].Find("one")!.Resource);
        Assert.Equal(("stdio", "npx", "${TOKEN}", "debug"), (one.Transport, one.Command, one.Env["KEEP"], one.Env["LOG_LEVEL"]));
        Assert.Equal($"{{API_KEY:-{SecretMask.Shown}}}", one.Env["D"][1..]);
        var two = Assert.IsType<McpServer>(snapshot[ResourceKind.McpServer].Find("two")!.Resource);
        Assert.Equal(("http", "Bearer ${TOKEN}"), (two.Transport, two.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("${TOKEN:-}")]
    [InlineData("${input:api-token}")]
    [InlineData("Bearer ${A}${B}")]
    public void Value_ReferencesOnly_StayAsTheyAre(string value)
    {
        var mask = new SecretMask();
        Assert.Equal((value, 0), (mask.Value("Authorization", value), mask.Count));
    }

    [Theory]
    [InlineData(".vscode/mcp.json", """{"servers": {"x": {"url": "https://x.test"}}}""")]
    [InlineData("sub/.mcp.json", """{"mcpServers": {"x": {"command": "x"}}}""")]
    [InlineData(".claude.json", """{"numStartups": 3, "projects": {"/home/me/secret-project": {"mcpServers": {"x": {"command": "x"}}}}}""")]
    public void Parse_EveryPlace_FindsTheServer(string path, string text)
    {
        using var library = new TempLibrary().Write(path, text);
        var entry = Assert.Single(library.Scan().Entries);
        Assert.Equal(("x", path), (entry.Resource.Id, entry.Resource.Path));
        Assert.DoesNotContain("secret-project", Encoding.UTF8.GetString(entry.Content.Utf8), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_SettingsBesideClaudeHome_AreRead()
    {
        using var library = new TempLibrary(folder: ".claude").Agent("agents/a.md", "a");
        File.WriteAllText($"{library.Folder}.json", """{"mcpServers": {"x": {"command": "x"}}}""");
        Assert.Equal("../.claude.json", library.Scan()[ResourceKind.McpServer].Find("x")!.Resource.Path);
    }

    [Fact]
    public void Parse_ServerWithoutCommandOrUrl_IsRejectedAndCostsNoOther()
    {
        using var library = new TempLibrary().Write(".mcp.json", """{"mcpServers": {"bad": {}, "good": {"command": "x"}}}""");
        Assert.Equal("good", library.Only<McpServer>().Name);
        Assert.Equal(("server_incomplete", DiagnosticState.Rejected), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State));
    }

    [Fact]
    public void Parse_BrokenJson_IsRejectedWithItsLine()
    {
        using var library = new TempLibrary().Write(".mcp.json", "{\n  \"mcpServers\": {\n    oops\n  }\n}");
        Assert.Equal(("json_invalid", 3), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().Line!.Value));
    }
}
