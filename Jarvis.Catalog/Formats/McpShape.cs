using System.Text.Json;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>A server before it is read.</summary>
/// <param name="Line">Of its name in the file.</param>
/// <param name="Scope"><c>user</c> or <c>project</c> in <c>.claude.json</c>.</param>
/// <param name="Project">Tells one project of <c>.claude.json</c> from another, without its folder.</param>
public sealed record GivenServer(string Name, JsonElement Json, int? Line, string? Scope = null, string? Project = null);

/// <summary>Where in a JSON file servers stand: below <c>mcpServers</c> or <c>servers</c>, per project, or at the top without a wrapper.</summary>
public static class McpShape
{
    /// <summary>Below the known names, in every holder of the file.</summary>
    public static IEnumerable<GivenServer> Wrapped(JsonFile json, bool isClientSettings)
    {
        var root = json.Root;
        foreach (var server in Below(json, root, isClientSettings ? "user" : null, project: null))
            yield return server;
        // The projects' folders are not told: they are the user's paths.
        foreach (var project in root.Entries("projects"))
        {
            foreach (var server in Below(json, project.Value, "project", Slug.Hash(project.Name)))
                yield return server;
        }

        if (root.Member("mcp") is { } settings)
        {
            foreach (var server in Below(json, settings, scope: null, project: null))
                yield return server;
        }
    }

    /// <summary>A file whose top level is one server, or a map of servers with nothing around it.</summary>
    public static IEnumerable<GivenServer> Bare(JsonFile json, string fallbackName)
    {
        var root = json.Root;
        if (LooksLikeServer(root))
            return [new(root.Text("name") ?? fallbackName, root, json.LineOf(root))];
        if (root.ValueKind != JsonValueKind.Object)
            return [];
        var entries = root.EnumerateObject().Where(entry => !IsComment(entry)).ToList();
        return entries.Exists(entry => LooksLikeServer(entry.Value)) && entries.TrueForAll(entry => entry.Value.ValueKind == JsonValueKind.Object)
            ? Last(entries).Select(entry => new GivenServer(entry.Name, entry.Value, json.LineOf(entry))) : [];
    }

    /// <summary>Whether it could be nothing else: a command with arguments, or an address with what only servers have.</summary>
    public static bool LooksLikeServer(JsonElement json) =>
        (json.Text("command") is not null && (json.Member("args") is { ValueKind: JsonValueKind.Array } || json.Member("env") is { ValueKind: JsonValueKind.Object } || json.Text("type") == "stdio"))
        || ((json.Text("url") ?? json.Text("serverUrl")) is { } url
            && (McpTransports.IsKnown(json.Text("type") ?? json.Text("transport")) || url.TrimEnd('/').EndsWith("/mcp", StringComparison.Ordinal) || url.TrimEnd('/').EndsWith("/sse", StringComparison.Ordinal)));

    private static IEnumerable<GivenServer> Below(JsonFile json, JsonElement holder, string? scope, string? project)
    {
        foreach (var name in (string[])["mcpServers", "servers"])
        {
            foreach (var entry in Last([.. holder.Entries(name).Where(entry => !IsComment(entry))]))
                yield return new(entry.Name, entry.Value, json.LineOf(entry), scope, project);
            foreach (var (at, item) in holder.Items(name).Index())
                yield return new(item.Text("name") ?? $"server {at + 1}", item, json.LineOf(item), scope, project);
        }
    }

    // A name that stands twice is one server: the last one counts, as for the clients.
    private static IEnumerable<JsonProperty> Last(List<JsonProperty> entries) =>
        entries.Count < 2 ? entries : entries.AsEnumerable().Reverse().DistinctBy(entry => entry.Name, StringComparer.Ordinal).Reverse();

    private static bool IsComment(JsonProperty entry) =>
        entry.Value.ValueKind != JsonValueKind.Object && entry.Name is ['_' or '$' or '/' or '#', ..];
}
