using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Formats;

/// <summary>MCP servers in <c>.mcp.json</c>, <c>.claude.json</c>, desktop configurations (<c>mcpServers</c>) and <c>.vscode/mcp.json</c> (<c>servers</c>).</summary>
public static class McpFormat
{
    private const int MaxServers = 500;
    private static readonly JsonSerializerOptions Indented = new(JsonRules.Options) { WriteIndented = true };

    public static ParsedFile Parse(FileReading file)
    {
        using var json = JsonText.Parse(file);
        if (json is null)
            return file.Done();

        var servers = Servers(json.RootElement).ToList();
        // .claude.json is the client's own settings file: most have no servers, and that is no fault.
        if (servers.Count == 0 && !Classifier.FileName(file.Path).Equals(".claude.json", StringComparison.OrdinalIgnoreCase))
            file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "no_servers", "The file configures no server.", "Add one below mcpServers, or remove the file.");
        foreach (var server in servers.Take(MaxServers))
            Add(file, server);
        if (servers.Count > MaxServers)
            file.Note(ResourceKind.McpServer, DiagnosticState.Rejected, "too_many_servers", $"The file configures more than {MaxServers} servers; the rest is not read.", "Split it.");
        return file.Done();
    }

    // At the top, and for each project in .claude.json. The projects' folders are not told: they are the user's paths.
    private static IEnumerable<JsonProperty> Servers(JsonElement root)
    {
        var projects = root.Member("projects") is { ValueKind: JsonValueKind.Object } given ? given.EnumerateObject().Select(project => project.Value) : [];
        return projects.Prepend(root).SelectMany(holder => new[] { holder.Member("mcpServers"), holder.Member("servers") })
            .Where(map => map is { ValueKind: JsonValueKind.Object })
            .SelectMany(map => map!.Value.EnumerateObject());
    }

    private static void Add(FileReading file, JsonProperty given)
    {
        var (name, json) = (given.Name.Trim(), given.Value);
        var (command, url) = (json.Text("command"), json.Text("url") ?? json.Text("serverUrl"));
        if (name.Length == 0 || (command is null && url is null))
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Rejected, "server_incomplete", $"The server '{name}' has neither a command nor a url.", "Add one of them.");
            return;
        }

        var mask = new SecretMask();
        var env = Values(json, "env").ToDictionary(pair => pair.Key, pair => mask.Value(pair.Key, pair.Value), StringComparer.Ordinal);
        var headers = Values(json, "headers").ToDictionary(pair => pair.Key, pair => mask.Value(pair.Key, pair.Value), StringComparer.Ordinal);
        var args = mask.Arguments([.. json.Items("args").Select(argument => argument.ToString())]);
        if (url is not null)
            url = mask.Url(url);
        if (mask.Count > 0)
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "literal_secret", $"The server '{name}' has {mask.Count} literal value(s) that may be secret; they are shown as {SecretMask.Shown}.",
                "Write ${NAME} in the file and keep the value in the environment.");
        }

        var transport = json.Text("type") ?? json.Text("transport") ?? (command is not null ? "stdio" : "http");
        var server = new McpServer
        {
            Name = name,
            Description = json.Text("description") ?? (command is not null ? string.Join(' ', [command, .. args]) : url!),
            Transport = transport,
            Command = command,
            Args = args,
            Env = env,
            Url = url,
            Headers = headers,
            Disabled = json.Flag("disabled"),
        };
        file.Add(server, Content(server), "application/json", $"{transport} {server.Description} {string.Join(' ', env.Keys)}");
    }

    private static IEnumerable<KeyValuePair<string, string>> Values(JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().DistinctBy(property => property.Name, StringComparer.Ordinal).Select(property => KeyValuePair.Create(property.Name, property.Value.ToString()))
            : [];

    /// <summary>The server as it could stand in a <c>.mcp.json</c>; the file itself is never served, for what else it may hold.</summary>
    private static string Content(McpServer server)
    {
        var json = new JsonObject { ["type"] = server.Transport };
        if (server.Command is not null)
            json["command"] = server.Command;
        if (server.Args.Count > 0)
            json["args"] = new JsonArray([.. server.Args.Select(argument => JsonValue.Create(argument))]);
        if (server.Url is not null)
            json["url"] = server.Url;
        if (server.Env.Count > 0)
            json["env"] = Map(server.Env);
        if (server.Headers.Count > 0)
            json["headers"] = Map(server.Headers);
        return new JsonObject { ["mcpServers"] = new JsonObject { [server.Name] = json } }.ToJsonString(Indented);
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> values) =>
        new(values.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
}
