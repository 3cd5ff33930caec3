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

    /// <summary>Whether the plain name reaches it; false when another one of the same name shadows it.</summary>
    public bool Effective { get; init; } = true;

    /// <summary>The id of the one that has the name in its stead.</summary>
    public string? ShadowedBy { get; init; }

    /// <summary>The ids of those that it shadows.</summary>
    public IReadOnlyList<string> Shadows { get; init; } = [];

    /// <summary>Whether it was read as it stands, or with a doubt that the diagnostics explain.</summary>
    public DiagnosticState State { get; init; }

    /// <summary>When the file was last written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    public long SizeBytes { get; init; }
}

/// <summary>The Claude Code plugin that a resource belongs to, from the nearest <c>.claude-plugin/plugin.json</c> above it, or from a marketplace's entry.</summary>
public sealed record PluginRef(string Name, string? Version)
{
    /// <summary>The author's name.</summary>
    public string? Author { get; init; }

    /// <summary>Such as <c>MIT</c>.</summary>
    public string? License { get; init; }

    public string? Repository { get; init; }

    /// <summary>The marketplace that offers it, by name.</summary>
    public string? Marketplace { get; init; }
}
