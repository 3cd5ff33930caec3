using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Library;

/// <summary>The whole catalog at one moment. Nothing in it changes: a scan makes the next one and puts it in this one's place.</summary>
/// <param name="Version">A hash of all resources: the same files give the same version on every replica, from every copy and after a restart.</param>
public sealed record CatalogSnapshot(
    string Version, IReadOnlyList<SourceReport> Sources, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<ResourceKind, Shelf> Shelves,
    IReadOnlyList<CatalogEntry> Entries, Ranker Ranker)
{
    /// <summary>Differs also when files were written anew with what they held: what is shown of them has other times. For what this process keeps, never for clients.</summary>
    public string Shown { get; init; } = Version;

    public Shelf this[ResourceKind kind] => Shelves[kind];
}
