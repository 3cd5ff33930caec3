using System.Text.Json;

namespace Jarvis.Catalog.Formats;

/// <summary>The transports by one spelling each.</summary>
public static class McpTransports
{
    public static bool IsKnown(string? given) => given is not null && Spelling(given) is not null;

    /// <summary>What the file says in the usual spelling; when it says nothing, what follows from a command or an address.</summary>
    public static string Of(string? given, bool hasCommand) =>
        given is null ? hasCommand ? "stdio" : "http" : Spelling(given) ?? given.ToLowerInvariant();

    /// <summary>Of a configured server: <c>type</c>, <c>transport</c> (a text, or an object with a type), or Gemini's <c>httpUrl</c>.</summary>
    public static string? Given(JsonElement json) => json.Text("type") ?? json.Text("transport") ?? json.Member("transport")?.Text("type") ?? json.Text("transportType")
        ?? (json.Text("httpUrl") is not null ? "streamable-http" : null);

    private static string? Spelling(string given) => given.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal) switch
    {
        "stdio" or "local" or "command" => "stdio",
        "http" or "remote" => "http",
        "sse" => "sse",
        "streamablehttp" or "streamable" or "httpstream" => "streamable-http",
        "ws" or "websocket" => "ws",
        _ => null,
    };
}
