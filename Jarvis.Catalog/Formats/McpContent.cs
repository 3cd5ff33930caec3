using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>A server as it could stand in a <c>.mcp.json</c>. The file itself is never served, for what else it may hold.</summary>
public static class McpContent
{
    /// <summary>Letters and the mask stay what they are; this JSON never stands in a page.</summary>
    public static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Readable) { WriteIndented = true };

    public static string Of(McpServer server)
    {
        var json = new JsonObject { ["type"] = server.Transport };
        if (server.Command is not null)
            json["command"] = server.Command;
        if (server.Args.Count > 0)
            json["args"] = new JsonArray([.. server.Args.Select(argument => JsonValue.Create(argument))]);
        if (server.Cwd is not null)
            json["cwd"] = server.Cwd;
        if (server.Url is not null)
            json["url"] = server.Url;
        if (server.Env.Count > 0)
            json["env"] = Map(server.Env);
        if (server.Headers.Count > 0)
            json["headers"] = Map(server.Headers);
        if (server.Disabled)
            json["disabled"] = true;
        return new JsonObject { ["mcpServers"] = new JsonObject { [server.Name] = json } }.ToJsonString(Indented);
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> values) =>
        new(values.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
}
