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

    /// <summary>Such as <c>plan</c> or <c>acceptEdits</c>.</summary>
    public string? PermissionMode { get; init; }

    /// <summary>Turns after which it is stopped; null when nothing stops it.</summary>
    public int? MaxTurns { get; init; }

    /// <summary>Skills that are loaded with it.</summary>
    public IReadOnlyList<string> Skills { get; init; } = [];

    /// <summary>MCP servers that it may use or defines itself, by name.</summary>
    public IReadOnlyList<string> McpServers { get; init; } = [];

    /// <summary>Events that it has hooks for.</summary>
    public IReadOnlyList<string> Hooks { get; init; } = [];

    /// <summary>Where it remembers: <c>user</c>, <c>project</c> or <c>local</c>.</summary>
    public string? Memory { get; init; }

    /// <summary>Whether it always runs in the background.</summary>
    public bool Background { get; init; }

    public string? Effort { get; init; }

    /// <summary><c>worktree</c> when it works in a copy of the repository.</summary>
    public string? Isolation { get; init; }

    /// <summary>The first turn when it runs as the main session.</summary>
    public string? InitialPrompt { get; init; }

    public string? Color { get; init; }

    /// <summary>Whether it was made here and can be changed here; one of a file is changed there.</summary>
    public bool Editable { get; init; }

    /// <summary>Of one made here, from 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Version { get; init; }

    /// <summary>Of one made here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CreatedAt { get; init; }
}
