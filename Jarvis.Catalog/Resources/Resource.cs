using System.Text.Json.Serialization;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Resources;

/// <summary>What every kind of resource has.</summary>
public abstract record Resource
{
    /// <summary>Stable, unique within its kind and URL-safe; how it is made stands in this project's README.md.</summary>
    [JsonPropertyOrder(-9)]
    public string Id { get; init; } = "";

    public abstract ResourceKind Kind { get; }

    [JsonPropertyOrder(-7)]
    public required string Name { get; init; }

    [JsonPropertyOrder(-6)]
    public required string Description { get; init; }

    /// <summary>A slug: what the file says, else its sub-folder, else its plugin's category; null when nothing says.</summary>
    [JsonPropertyOrder(-5)]
    public string? Category { get; init; }

    [JsonPropertyOrder(-4)]
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The source (library folder) that it was read from, by name.</summary>
    public string Source { get; init; } = "";

    /// <summary>The file, relative to its source's folder, with forward slashes.</summary>
    public string Path { get; init; } = "";

    public PluginRef? Plugin { get; init; }

    /// <summary>Whether it was read as it stands, or with a doubt that the diagnostics explain.</summary>
    public DiagnosticState State { get; init; }

    /// <summary>When the file was last written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    public long SizeBytes { get; init; }
}

/// <summary>The Claude Code plugin that a resource belongs to, from the nearest <c>.claude-plugin/plugin.json</c> above it.</summary>
public sealed record PluginRef(string Name, string? Version);

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

/// <summary>A slash command.</summary>
public sealed record Command : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Command;

    /// <summary>Sub-folders below <c>commands</c>, joined by colons; null at its top.</summary>
    public string? Namespace { get; init; }

    /// <summary>What one types, such as <c>/git:commit</c>.</summary>
    public required string Invocation { get; init; }

    public string? ArgumentHint { get; init; }

    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    public string? Model { get; init; }

    /// <summary><c>$ARGUMENTS</c>, <c>$1</c>, <c>@file</c> and <c>!`command`</c> as they occur in the body: listed, never run.</summary>
    public IReadOnlyList<string> Placeholders { get; init; } = [];
}

/// <summary>An agent skill: <c>SKILL.md</c> and what lies beside it.</summary>
public sealed record Skill : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Skill;

    public string? License { get; init; }

    public string? Compatibility { get; init; }

    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    /// <summary>Bundled files, relative to the skill's folder; at most 200 of <see cref="FileCount"/>.</summary>
    public IReadOnlyList<BundledFile> Files { get; init; } = [];

    public int FileCount { get; init; }
}

public sealed record BundledFile(string Path, long SizeBytes);

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

/// <summary>An n8n workflow.</summary>
public sealed record Workflow : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Workflow;

    /// <summary>The id that n8n gave it, when the export has one.</summary>
    public string? N8nId { get; init; }

    public bool Active { get; init; }

    public int NodeCount { get; init; }

    public IReadOnlyList<string> NodeTypes { get; init; } = [];

    public IReadOnlyList<WorkflowTrigger> Triggers { get; init; } = [];

    public IReadOnlyList<Webhook> Webhooks { get; init; } = [];
}

/// <summary>A node that starts the workflow.</summary>
public sealed record WorkflowTrigger(string Node, string Type);

/// <summary>An enabled webhook node.</summary>
/// <param name="Path">Below n8n's <c>/webhook/</c>, without a leading slash.</param>
/// <param name="Method">GET when the node does not say.</param>
/// <param name="Authentication"><c>none</c>, <c>basicAuth</c>, <c>headerAuth</c> or <c>jwtAuth</c>, as n8n names them.</param>
/// <param name="ResponseMode"><c>onReceived</c>, <c>lastNode</c>, <c>responseNode</c> or <c>streaming</c>.</param>
/// <param name="Node">The node's name.</param>
public sealed record Webhook(string Path, string Method, string Authentication, string ResponseMode, string Node);
