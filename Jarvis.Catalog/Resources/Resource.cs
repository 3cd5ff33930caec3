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
