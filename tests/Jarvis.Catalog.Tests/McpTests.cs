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
        Assert.Equal(("server_incomplete", DiagnosticState.Rejected, 1), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State, library.OnlyDiagnostic().Line!.Value));
        Assert.Equal(DiagnosticState.Ok, library.Only<McpServer>().State);
    }

    [Fact]
    public void Parse_BrokenJson_IsRejectedWithItsLine()
    {
        using var library = new TempLibrary().Write(".mcp.json", "{\n  \"mcpServers\": {\n    oops\n  }\n}");
        Assert.Equal(("json_invalid", 3), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().Line!.Value));
    }

    [Theory]
    [InlineData("mcp/configs/one.json", """{"_notice": "old", "x": {"command": "npx", "args": ["-y", "thing"]}}""", "x")]
    [InlineData("tools/mcp-one.json", """{"command": "npx", "args": ["-y", "thing"]}""", "mcp-one")]
    [InlineData("any/file.json", """{"remote": {"type": "http", "url": "https://x.test/mcp"}}""", "remote")]
    [InlineData("any/gemini-extension.json", """{"name": "ext", "mcpServers": {"x": {"httpUrl": "https://x.test/mcp"}}}""", "x")]
    [InlineData("mcp.json", """{"servers": {"x": {"command": ["npx", "-y", "thing"]}}}""", "x")]
    [InlineData("mcp.json", """{"mcpServers": [{"name": "x", "command": "npx"}]}""", "x")]
    public void Parse_LooseFiles_AreServed(string path, string text, string name)
    {
        using var library = new TempLibrary().Write(path, text);
        Assert.Equal(name, library.Only<McpServer>().Name);
    }

    [Theory]
    [InlineData("mcp/tasks.json", """{"version": "2", "build": {"command": "make", "args": ["all"]}}""")]
    [InlineData("mcp/author.json", """{"author": {"url": "https://x.test"}}""")]
    [InlineData("hooks.json", """{"hooks": {"a": [{"command": "mcp"}]}}""")]
    [InlineData("servers.json", """{"servers": {"prod": {"url": "https://mcp.test"}}}""")]
    public void Parse_WhatOnlyLooksAlike_IsNotTalkedAbout(string path, string text)
    {
        using var library = new TempLibrary().Write(path, text);
        Assert.Empty(library.Scan().Entries);
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Theory]
    [InlineData("streamableHttp", "streamable-http", "streamableHttp")]
    [InlineData("streamable-http", "streamable-http", null)]
    [InlineData("SSE", "sse", "SSE")]
    [InlineData("http", "http", null)]
    public void Parse_Transport_IsOfOneSpelling(string said, string transport, string? given)
    {
        using var library = new TempLibrary().Write(".mcp.json", $$"""{"mcpServers": {"x": {"type": "{{said}}", "url": "https://x.test/mcp"} } }""");
        Assert.Equal((transport, given, DiagnosticState.Ok), (library.Only<McpServer>().Transport, library.Only<McpServer>().TransportGiven, library.Only<McpServer>().State));
    }

    [Fact]
    public void Parse_DoubtfulTransports_AreDegradedWithTheirLine()
    {
        using var library = new TempLibrary().Write(".mcp.json", "{\"mcpServers\": {\n\"a\": {\"type\": \"pigeon\", \"command\": \"x\"},\n\n\"b\": {\"type\": \"sse\", \"command\": \"x\"}, \"c\": {\"command\": \"x\"}}}");
        var snapshot = library.Scan();
        Assert.Equal([("transport_unknown", 2), ("transport_mismatch", 4)], snapshot.Diagnostics.Select(note => (note.Code, note.Line!.Value)));
        Assert.Equal([DiagnosticState.Degraded, DiagnosticState.Degraded, DiagnosticState.Ok], snapshot[ResourceKind.McpServer].By("name").Select(entry => entry.Resource.State));
    }

    [Fact]
    public void Parse_Projects_AreToldApartWithoutTheirFolders()
    {
        using var library = new TempLibrary().Write(".claude.json", """
            {"mcpServers": {"x": {"command": "a", "cwd": "/srv"}}, "projects": {"/home/me/one": {"mcpServers": {"x": {"command": "b"}}}, "/home/me/two": {"mcpServers": {"x": {"command": "c"}}}}}
            """);
        var servers = library.Scan()[ResourceKind.McpServer].By("name").Select(entry => (McpServer)entry.Resource).ToList();
        Assert.Equal(3, servers.Select(server => server.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["project", "project", "user"], servers.Select(server => server.Scope!).Order(StringComparer.Ordinal));
        Assert.Equal(2, servers.Select(server => server.Project).OfType<string>().Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain("/home/me", string.Concat(servers), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_InputsOfVsCode_AreKeptAndCheckedFor()
    {
        using var library = new TempLibrary().Write(".vscode/mcp.json", """
            {
              // asked for at the start
              "inputs": [{"type": "promptString", "id": "key", "password": true, "default": "hunter2",},],
              "servers": {
                "a": {"command": "x", "env": {"API_KEY": "${input:key}", "HOME_OF": "${env:HOME}"}},
                "b": {"command": "x", "args": ["--token", "${input:gone}"]},
              },
            }
            """);
        var snapshot = library.Scan();
        Assert.Equal(["${input:key}", "${env:HOME}"], ((McpServer)snapshot[ResourceKind.McpServer].Find("a")!.Resource).Env.Values);
        Assert.Equal([("input_missing", 6)], snapshot.Diagnostics.Select(note => (note.Code, note.Line!.Value)));
    }
}
