using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Library;

/// <summary>The whole catalog at one moment. Nothing in it changes: a scan makes the next one and puts it in this one's place.</summary>
/// <param name="Version">A hash of all resources: the same files give the same version on every replica and after a restart.</param>
public sealed record CatalogSnapshot(
    string Version, IReadOnlyList<SourceReport> Sources, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<ResourceKind, Shelf> Shelves,
    IReadOnlyList<CatalogEntry> Entries, Ranker Ranker)
{
    public Shelf this[ResourceKind kind] => Shelves[kind];
}
