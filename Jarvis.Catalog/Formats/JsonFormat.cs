using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// JSON files that no name tells apart: workflows, servers, or nothing of ours. Most JSON of a collection is of the last sort, so that a look for the
/// words that ours cannot be without comes before anything is parsed.
/// </summary>
public static class JsonFormat
{
    public static ParsedFile Parse(FileReading file)
    {
        var (workflow, server) = (MentionsWorkflow(file.Text), MentionsServer(file.Text, file.Path));
        if (!workflow && !server)
            return file.Nothing();

        using var json = JsonText.Open(file);
        if (json is null)
            return file.Done();
        if (workflow && WorkflowFormat.TryRead(file, json))
            return file.Done();
        if (!server || !McpFormat.TryRead(file, json, isConfiguration: false))
            return file.Nothing();

        // Served, but no client would find them.
        if (json.Root.Member("mcpServers") is null && json.Root.Member("servers") is null && json.Root.Member("packages") is null && json.Root.Member("remotes") is null
            && json.Root.Member("server") is null)
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "servers_without_wrapper", "The file's servers do not stand below \"mcpServers\"; they were read nevertheless.",
                "Put them into {\"mcpServers\": {…}} for clients to find them.", 1);
        }

        return file.Done();
    }

    // Half an export may end before its connections; it begins with its name.
    private static bool MentionsWorkflow(string text) =>
        Has(text, "\"nodes\"") && (Has(text, "\"connections\"") || Has(text, "\"name\"") || Has(text, "n8n-nodes-base") || Has(text, "@n8n/"));

    private static bool MentionsServer(string text, string path) =>
        Has(text, "\"mcpServers\"") || Has(text, "modelcontextprotocol.io/schemas")
        || ((Has(text, "\"command\"") || Has(text, "\"url\"") || Has(text, "\"serverUrl\"") || Has(text, "\"packages\""))
            && (path.Contains("mcp", StringComparison.OrdinalIgnoreCase) || text.Contains("mcp", StringComparison.OrdinalIgnoreCase)));

    private static bool Has(string text, string word) => text.Contains(word, StringComparison.Ordinal);
}
