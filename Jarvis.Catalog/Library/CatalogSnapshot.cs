using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Library;

/// <summary>A resource as it is served.</summary>
/// <param name="Resource">The record.</param>
/// <param name="Content">The text.</param>
/// <param name="Hash">Of the record and the text.</param>
public sealed record CatalogEntry(Resource Resource, ResourceContent Content, string Hash);

/// <summary>The whole catalog at one moment. Nothing in it changes: a scan makes the next one and puts it in this one's place.</summary>
/// <param name="Version">A hash of all resources: the same files give the same version on every replica and after a restart.</param>
public sealed record CatalogSnapshot(
    string Version, IReadOnlyList<SourceReport> Sources, IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<ResourceKind, Shelf> Shelves,
    IReadOnlyList<CatalogEntry> Entries, Ranker Ranker)
{
    public Shelf this[ResourceKind kind] => Shelves[kind];
}

/// <summary>The resources of one kind, ordered and indexed once.</summary>
public sealed class Shelf
{
    private readonly Dictionary<string, CatalogEntry> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IReadOnlyList<CatalogEntry>> _orders;

    /// <summary>Orders and indexes the resources.</summary>
    /// <param name="entries">In the order of precedence: the first of several of one name is the one that the plain name finds.</param>
    public Shelf(IReadOnlyList<CatalogEntry> entries)
    {
        foreach (var entry in entries)
            _byKey.Add(entry.Resource.Id, entry);
        foreach (var entry in entries)
        {
            foreach (var key in ResourceIds.Aliases(entry.Resource))
                _byKey.TryAdd(key, entry);
        }

        var byName = Ordered(entries, entry => entry.Resource.Name, StringComparer.OrdinalIgnoreCase);
        _orders = new(StringComparer.Ordinal)
        {
            ["name"] = byName,
            ["updated_at"] = Ordered(byName, entry => entry.Resource.UpdatedAt, Comparer<DateTimeOffset>.Default),
            ["category"] = Ordered(byName, entry => entry.Resource.Category ?? "\uffff", StringComparer.Ordinal),
        };
        foreach (var (field, order) in _orders.ToList())
            _orders[$"-{field}"] = [.. order.Reverse()];
    }

    public static IReadOnlyList<string> Sorts { get; } = ["name", "-name", "updated_at", "-updated_at", "category", "-category"];

    public IReadOnlyList<CatalogEntry> By(string sort) => _orders[sort];

    /// <summary>By id, else by name; upper and lower case are the same.</summary>
    public CatalogEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    private static IReadOnlyList<CatalogEntry> Ordered<TKey>(IEnumerable<CatalogEntry> entries, Func<CatalogEntry, TKey> key, IComparer<TKey> comparer) =>
        [.. entries.OrderBy(key, comparer).ThenBy(entry => entry.Resource.Id, StringComparer.Ordinal)];
}
