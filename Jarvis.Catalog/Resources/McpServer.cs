using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An MCP server as it is configured; literal secrets are <c>•••</c>, <c>${VAR}</c> stays.</summary>
public sealed record McpServer : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.McpServer;

    /// <summary><c>stdio</c>, <c>http</c>, <c>sse</c> or what the file says.</summary>
    public required string Transport { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public string? Url { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Disabled { get; init; }
}
