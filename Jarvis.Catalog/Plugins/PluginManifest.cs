using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Plugins;

/// <summary>What a <c>plugin.json</c>, or a marketplace's entry, says of a plugin.</summary>
public sealed record PluginManifest(string Name, string? Version)
{
    public string? Description { get; init; }

    /// <summary>The author's name.</summary>
    public string? Author { get; init; }

    public string? License { get; init; }

    public string? Homepage { get; init; }

    public string? Repository { get; init; }

    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Components at paths of their own.</summary>
    public IReadOnlyList<PluginComponent> Components { get; init; } = [];
}

/// <summary>A file or folder that a manifest names.</summary>
/// <param name="Role"><see cref="FileRole.Agent"/>, <see cref="FileRole.Command"/>, <see cref="FileRole.Skill"/> or <see cref="FileRole.McpConfig"/>.</param>
/// <param name="Path">Relative to the plugin's root; empty for the root itself.</param>
public sealed record PluginComponent(FileRole Role, string Path);

/// <summary>A <c>marketplace.json</c>.</summary>
public sealed record Marketplace(string? Name, string? Owner, IReadOnlyList<MarketplacePlugin> Plugins);

/// <summary>A plugin that a marketplace offers.</summary>
/// <param name="Manifest">What the entry says of it.</param>
/// <param name="Folder">Relative to the marketplace's root; null when the plugin lies elsewhere.</param>
/// <param name="Category">As it is written.</param>
/// <param name="Strict">False when the entry is the plugin's whole definition.</param>
public sealed record MarketplacePlugin(PluginManifest Manifest, string? Folder, string? Category, bool Strict);

/// <summary>Something wrong with a manifest.</summary>
public sealed record ManifestProblem(Diagnostics.DiagnosticState State, string Code, string Reason, string Fix);
