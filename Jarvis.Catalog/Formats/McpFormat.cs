using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// MCP servers in <c>.mcp.json</c>, <c>.claude.json</c>, desktop configurations (<c>mcpServers</c>) and <c>.vscode/mcp.json</c> (<c>servers</c>); in any
/// other JSON file with such a map or with servers at its top; in a registry's <c>server.json</c>.
/// </summary>
public static class McpFormat
{
    private const int MaxServers = 500;

    /// <summary>A file that is a configuration by its name.</summary>
    public static ParsedFile Parse(FileReading file)
    {
        using var json = JsonText.Open(file);
        // .claude.json is the client's own settings file: most have no servers, and that is no fault.
        if (json is not null && !TryRead(file, json, isConfiguration: true) && !IsClientSettings(file))
            file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "no_servers", "The file configures no server.", "Add one below mcpServers, or remove the file.");
        return file.Done();
    }

    /// <summary>Reads the servers of any JSON file; false when it has none.</summary>
    /// <param name="isConfiguration">By its name; otherwise what stands below <c>servers</c> must look like servers.</param>
    public static bool TryRead(FileReading file, JsonFile json, bool isConfiguration)
    {
        if (McpRegistryFormat.TryRead(file, json))
            return true;
        var servers = McpShape.Wrapped(json, IsClientSettings(file)).ToList();
        if (!isConfiguration && json.Root.Member("mcpServers") is null && !servers.Exists(server => McpShape.LooksLikeServer(server.Json)))
            servers = [];
        if (servers.Count == 0)
            servers = [.. McpShape.Bare(json, file.Stem)];
        Read(file, servers);
        if (servers.Count > 0)
            CheckInputs(file, json, servers);
        return servers.Count > 0;
    }

    /// <summary>Reads servers that stand inline in another file, such as a plugin's manifest.</summary>
    public static void Read(FileReading file, IReadOnlyList<GivenServer> servers)
    {
        foreach (var server in servers.Take(MaxServers))
        {
            file.NextResource();
            McpServerReader.Add(file, server);
        }

        if (servers.Count > MaxServers)
        {
            file.NextResource();
            file.Note(ResourceKind.McpServer, DiagnosticState.Rejected, "too_many_servers", $"The file configures more than {MaxServers} servers; the rest is not read.", "Split it.");
        }
    }

    // VS Code asks for each ${input:id} that the file describes; one that it does not describe stays a text.
    private static void CheckInputs(FileReading file, JsonFile json, List<GivenServer> servers)
    {
        if (json.Root.Member("inputs") is not { ValueKind: JsonValueKind.Array } inputs)
            return;
        var known = inputs.EnumerateArray().Select(input => input.Text("id")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var server in servers.Take(MaxServers))
        {
            var text = server.Json.GetRawText();
            for (var at = text.IndexOf("${input:", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${input:", at + 1, StringComparison.Ordinal))
            {
                var end = text.IndexOf('}', at);
                if (end < 0 || known.Contains(text[(at + 8)..end]))
                    continue;
                file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "input_missing", "The server refers to an input that the file does not describe.",
                    "Add it to \"inputs\".", server.Line, DiagnosticSeverity.Warning);
                break;
            }
        }
    }

    private static bool IsClientSettings(FileReading file) => Classifier.FileName(file.Path).Equals(".claude.json", StringComparison.OrdinalIgnoreCase);
}
