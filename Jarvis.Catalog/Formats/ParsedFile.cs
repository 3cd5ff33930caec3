using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Plugins;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Formats;

/// <summary>What one file gave: kept from scan to scan until its stamp changes.</summary>
public sealed record ParsedFile(FileStamp Stamp, FileRole Role, IReadOnlyList<ParsedResource> Resources, IReadOnlyList<Diagnostic> Diagnostics)
{
    public PluginManifest? Plugin { get; init; }

    /// <summary>What the path said of it when it was read.</summary>
    public Classified? ReadAs { get; init; }

    /// <summary>It was being written: what an earlier scan read is better than this.</summary>
    public bool IsChanging { get; init; }

    /// <summary>The hash of what was read when its time stamp could not tell a later change from it, so that it has to be read once more; null when it can.</summary>
    public string? Fresh { get; init; }

    /// <summary>Categories by plugin name, of a marketplace.</summary>
    public IReadOnlyDictionary<string, string>? Marketplace { get; init; }

    /// <summary>All that a marketplace says of its plugins.</summary>
    public Marketplace? Offers { get; init; }

    /// <summary>Whether the path says the same still: manifests that changed may say that a file is something else, or lies in another namespace.</summary>
    public bool IsStill(Classified classified) => Role == classified.Role && (ReadAs is null || ReadAs.SaysAs(classified));
}

/// <summary>A resource before it has its id and its plugin, with its content in UTF-8 and its words.</summary>
public sealed record ParsedResource(Resource Resource, ResourceContent Content, DocumentTerms Terms);

/// <summary>What <c>{kind}/{id}/content</c> serves.</summary>
/// <param name="Utf8">The text with its secrets masked; for MCP servers the definition.</param>
/// <param name="MediaType"><c>text/markdown</c> or <c>application/json</c>.</param>
/// <param name="Encoding">Of the file; what is served is always UTF-8.</param>
/// <param name="Hash">Of <paramref name="Utf8"/>, 16 hexadecimal digits.</param>
public sealed record ResourceContent(byte[] Utf8, string MediaType, string Encoding, string Hash);
