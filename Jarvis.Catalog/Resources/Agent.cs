using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>A sub-agent: its front matter; the system prompt is its content.</summary>
public sealed record Agent : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Agent;

    public string? Model { get; init; }

    /// <summary>Tools it may use; empty when it inherits all.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    public IReadOnlyList<string> DisallowedTools { get; init; } = [];

    public IReadOnlyList<string> Skills { get; init; } = [];

    public string? Color { get; init; }
}
