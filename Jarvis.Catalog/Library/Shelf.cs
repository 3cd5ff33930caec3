using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Library;

/// <summary>The resources of one kind, ordered and indexed once.</summary>
public sealed class Shelf
{
    private static readonly Dictionary<string, IComparer<CatalogEntry>> Comparers = new(StringComparer.Ordinal)
    {
        ["name"] = Comparer<CatalogEntry>.Create(ByName),
        ["updated_at"] = Comparer<CatalogEntry>.Create((left, right) => left.Resource.UpdatedAt.CompareTo(right.Resource.UpdatedAt) is var order and not 0 ? order : ByName(left, right)),
        ["category"] = Comparer<CatalogEntry>.Create((left, right) =>
            string.CompareOrdinal(left.Resource.Category ?? "\uffff", right.Resource.Category ?? "\uffff") is var order and not 0 ? order : ByName(left, right)),
    };

    private readonly Dictionary<string, CatalogEntry> _byId;
    private readonly Lazy<Dictionary<string, CatalogEntry>> _byAlias;
    private readonly Dictionary<string, CatalogEntry[]> _orders = new(StringComparer.Ordinal);

    /// <summary>Orders and indexes the resources.</summary>
    /// <param name="entries">In the order of precedence: the first of several of one name is the one that the plain name finds.</param>
    /// <param name="before">The shelf that this one takes the place of: its orders are kept where its entries are.</param>
    public Shelf(IReadOnlyList<CatalogEntry> entries, Shelf? before = null)
    {
        Entries = entries;
        _byId = new(entries.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
            _byId.Add(entry.Resource.Id, entry);
        _byAlias = new(() => Aliases(entries));

        var added = before is null ? [] : new HashSet<CatalogEntry>(entries, ReferenceEqualityComparer.Instance);
        // Taken out of the set as it is met: what is left is new.
        var kept = before?._orders["name"].Where(added.Remove).ToHashSet<CatalogEntry>(ReferenceEqualityComparer.Instance);
        foreach (var (field, comparer) in Comparers)
            _orders[field] = kept is null ? Sorted(entries, comparer) : Merged(Array.FindAll(before!._orders[field], kept.Contains), Sorted(added, comparer), comparer);
    }

    public static IReadOnlyList<string> Sorts { get; } = ["name", "-name", "updated_at", "-updated_at", "category", "-category"];

    /// <summary>In the order of precedence.</summary>
    public IReadOnlyList<CatalogEntry> Entries { get; }

    /// <summary>By id, else by name; upper and lower case are the same.</summary>
    public CatalogEntry? Find(string key) => _byId.GetValueOrDefault(key) ?? _byAlias.Value.GetValueOrDefault(key);

    public IReadOnlyList<CatalogEntry> By(string sort) => Page(sort, null, 0, int.MaxValue).Items;

    /// <summary>A page of those of a category, or of all, and how many there are.</summary>
    public (IReadOnlyList<CatalogEntry> Items, int Total) Page(string sort, string? category, int offset, int limit)
    {
        var descending = sort[0] == '-';
        var order = _orders[descending ? sort[1..] : sort];
        if (category is not null)
            order = Array.FindAll(order, entry => Categories.Same(entry.Resource.Category, category));
        var count = Math.Clamp(order.Length - (long)offset, 0, limit);
        var items = new CatalogEntry[count];
        for (var i = 0; i < items.Length; i++)
            items[i] = order[descending ? order.Length - 1 - offset - i : offset + i];
        return (items, order.Length);
    }

    private static Dictionary<string, CatalogEntry> Aliases(IReadOnlyList<CatalogEntry> entries)
    {
        var aliases = new Dictionary<string, CatalogEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries)
        {
            foreach (var alias in ResourceIds.Aliases(entry.Resource))
                aliases.TryAdd(alias, entry);
        }

        return aliases;
    }

    private static int ByName(CatalogEntry left, CatalogEntry right) =>
        StringComparer.OrdinalIgnoreCase.Compare(left.Resource.Name, right.Resource.Name) is var order and not 0 ? order : string.CompareOrdinal(left.Resource.Id, right.Resource.Id);

    private static CatalogEntry[] Sorted(IEnumerable<CatalogEntry> entries, IComparer<CatalogEntry> comparer)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, comparer);
        return sorted;
    }

    private static CatalogEntry[] Merged(CatalogEntry[] kept, CatalogEntry[] added, IComparer<CatalogEntry> comparer)
    {
        if (added.Length == 0)
            return kept;
        var merged = new CatalogEntry[kept.Length + added.Length];
        for (int i = 0, j = 0, to = 0; to < merged.Length; to++)
            merged[to] = j == added.Length || (i < kept.Length && comparer.Compare(kept[i], added[j]) <= 0) ? kept[i++] : added[j++];
        return merged;
    }
}
