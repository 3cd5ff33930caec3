using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Authoring;

/// <summary>
/// What an agent made here says, as <see cref="DraftReader"/> accepted it: the fields of Claude Code's sub-agents
/// (https://code.claude.com/docs/en/sub-agents), trimmed, with line ends as line feeds.
/// </summary>
public sealed record AgentDraft
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>Without blank lines at either end. Stored beside the other fields, not among them.</summary>
    [JsonIgnore]
    public string SystemPrompt { get; init; } = "";

    /// <summary>Empty when it inherits all.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    public IReadOnlyList<string> DisallowedTools { get; init; } = [];

    public string? Model { get; init; }

    public string? PermissionMode { get; init; }

    public int? MaxTurns { get; init; }

    public IReadOnlyList<string> Skills { get; init; } = [];

    /// <summary>By name; an inline definition may hold secrets and is not taken.</summary>
    public IReadOnlyList<string> McpServers { get; init; } = [];

    public string? Memory { get; init; }

    public bool? Background { get; init; }

    public string? Effort { get; init; }

    public string? Isolation { get; init; }

    public string? InitialPrompt { get; init; }

    public string? Color { get; init; }

    /// <summary>A slug.</summary>
    public string? Category { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>The body of <c>POST agents</c> and <c>PUT agents/{id}</c> as the API description shows it.</summary>
public sealed record AgentBody(
    string Name, string Description, string SystemPrompt, string[]? Tools, string[]? DisallowedTools, string? Model, string? PermissionMode, int? MaxTurns,
    string[]? Skills, string[]? McpServers, string? Memory, bool? Background, string? Effort, string? Isolation, string? InitialPrompt, string? Color,
    string? Category, string[]? Tags);
