using System.Text;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class McpRegistryTests
{
    private const string Current = """
        {
          "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
          "name": "io.github.example/weather", "title": "Weather", "description": "Forecasts.", "version": "1.2.0", "repository": {"url": "https://github.com/example/weather", "source": "github"},
          "packages": [
            {"registryType": "npm", "identifier": "@example/weather", "version": "1.2.0", "transport": {"type": "stdio"},
              "packageArguments": [{"type": "named", "name": "--units", "default": "celsius"}, {"type": "positional", "valueHint": "city", "isRequired": true}, {"type": "named", "name": "--verbose"}],
              "environmentVariables": [{"name": "WEATHER_KEY", "isSecret": true, "isRequired": true}, {"name": "REGION", "default": "eu-west-1"}, {"name": "OPEN", "isSecret": true, "default": "hunter"}]},
            {"registryType": "oci", "identifier": "ghcr.io/example/weather:1.2.0", "transport": {"type": "streamable-http", "url": "http://localhost:8080/mcp"},
              "runtimeArguments": [{"type": "named", "name": "-e", "value": "MODE={mode}"}, {"type": "named", "name": "-e", "value": "KEY=hunter2"}]},
            {"registryType": "mcpb", "identifier": "https://github.com/example/weather/releases/weather.mcpb", "fileSha256": "00", "transport": {"type": "stdio"}}
          ],
          "remotes": [{"type": "sse", "url": "https://{tenant}.test/sse", "headers": [{"name": "Authorization", "value": "Bearer {api_key}", "isSecret": true}, {"name": "X-Key", "value": "hunter2", "isSecret": true}]}]
        }
        """;

    private const string Old = """
        {
          "$schema": "https://static.modelcontextprotocol.io/schemas/2025-07-09/server.schema.json",
          "name": "io.github.example/old", "description": "Old.", "version_detail": {"version": "0.9.1"},
          "packages": [{"registry_type": "pypi", "identifier": "old-mcp", "version": "0.9.1", "runtime_hint": "uvx", "environment_variables": [{"name": "TOKEN", "is_secret": true, "value": "hunter2"}]}],
          "remotes": [{"transport_type": "streamable", "url": "https://x.test/mcp"}]
        }
        """;

    [Fact]
    public void Parse_CurrentSchema_GivesEachPackageAndRemote()
    {
        using var library = new TempLibrary().Write("server.json", Current);
        var server = library.Only<McpServer>();
        Assert.Equal(("io.github.example/weather", "Weather", "1.2.0", "stdio", "npx", "https://github.com/example/weather"),
            (server.Name, server.Title, server.Version, server.Transport, server.Command, server.Repository));
        Assert.Equal(["-y", "@example/weather@1.2.0", "--units", "celsius", "${city}", "--verbose"], server.Args);
        Assert.Equal([("WEATHER_KEY", "${WEATHER_KEY}"), ("REGION", "eu-west-1"), ("OPEN", "•••")], server.Env.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal([("stdio", "npm"), ("streamable-http", "oci"), ("stdio", "mcpb"), ("sse", null)], server.Transports.Select(way => (way.Type, way.Package?.RegistryType)));
        Assert.Equal(["run", "-i", "--rm", "-e", "MODE={mode}", "-e", "KEY=•••", "ghcr.io/example/weather:1.2.0"], server.Transports[1].Args);
        Assert.Equal([("Authorization", "Bearer {api_key}"), ("X-Key", "•••")], server.Transports[3].Headers.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("https://{tenant}.test/sse", server.Transports[3].Url);
        Assert.Equal(("literal_secret", 1), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().Line!.Value));
        Assert.DoesNotContain("hunter", string.Concat(library.Scan().Entries.Select(entry => Encoding.UTF8.GetString(entry.Content.Utf8) + entry.Resource)), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FirstSchema_GivesTheSame()
    {
        using var library = new TempLibrary().Write("registry/server.json", Old);
        var server = library.Only<McpServer>();
        Assert.Equal(("0.9.1", "uvx", "•••"), (server.Version, server.Command, server.Env["TOKEN"]));
        Assert.Equal(["old-mcp@0.9.1"], server.Args);
        Assert.Equal(["stdio", "streamable-http"], server.Transports.Select(way => way.Type));
    }

    [Fact]
    public void Parse_ListOfTheRegistry_GivesEachServerWithItsLine()
    {
        using var library = new TempLibrary().Write("list.json", $"{{\"servers\": [{{\"server\": {Current.ReplaceLineEndings(" ")}, \"_meta\": {{}}}},\n{{\"server\": {Old.ReplaceLineEndings(" ")}}},\n{{\"server\": {{\"$schema\": \"https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json\", \"name\": \"none\"}}}}]}}");
        var snapshot = library.Scan();
        Assert.Equal(2, snapshot.Entries.Count);
        Assert.Equal([("literal_secret", 1), ("literal_secret", 2), ("server_incomplete", 3)], snapshot.Diagnostics.Select(note => (note.Code, note.Line!.Value)));
    }
}
