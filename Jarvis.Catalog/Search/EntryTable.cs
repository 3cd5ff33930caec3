using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

/// <summary>What ranking asks of a snapshot's entries, in columns: filters, facets, names.</summary>
internal sealed class EntryTable
{
    private readonly IReadOnlyList<CatalogEntry> _entries;
    private readonly ulong[] _names;
    private readonly ulong[] _sortKeys;
    private readonly FacetColumn[] _columns;

    /// <summary>Made for each snapshot: what entries had in the last one they keep.</summary>
    public EntryTable(IReadOnlyList<CatalogEntry> entries, IReadOnlyList<DocumentTerms> documents, EntryTable? previous)
    {
        _entries = entries;
        (_names, _sortKeys) = (new ulong[entries.Count], new ulong[entries.Count]);
        var from = Moves.Of(entries, previous?._entries ?? []);
        for (var i = 0; i < entries.Count; i++)
        {
            (_names[i], _sortKeys[i]) = from[i] is var before and >= 0
                ? (previous!._names[before], previous._sortKeys[before])
                : (documents[i].Name, SortKey(entries[i].Resource.Name));
        }

        FacetColumn Column(FilterName name, Func<int, IReadOnlyList<string>> values) => new(entries.Count, previous?[name], from, values);
        FacetColumn Single(FilterName name, Func<Resource, string?> value) => Column(name, entry => value(entries[entry].Resource) is { } only ? [only] : []);
        _columns =
        [
            Single(FilterName.Kind, resource => resource.Kind.Word()),
            Single(FilterName.Category, resource => resource.Category),
            Single(FilterName.Plugin, resource => resource.Plugin?.Name),
            Single(FilterName.Source, resource => resource.Source),
            Single(FilterName.Model, ResourceFacets.Model),
            Column(FilterName.Tool, entry => documents[entry].Tools),
            Column(FilterName.Tag, entry => entries[entry].Resource.Tags),
        ];
    }

    public int Count => _entries.Count;

    public FacetColumn this[FilterName name] => _columns[(int)name];

    public CatalogEntry Entry(int entry) => _entries[entry];

    /// <summary>Which of the entries from <paramref name="from"/> on is the first that has this name; -1 when none has.</summary>
    public int NextNamed(ulong hash, int from) => from < _names.Length && _names.AsSpan(from).IndexOf(hash) is var at and >= 0 ? from + at : -1;

    /// <summary>A name's letters and digits, folded; two names with one hash only share a bonus.</summary>
    public static ulong NameHash(ReadOnlySpan<char> name)
    {
        var hash = 14695981039346656037UL;
        var reader = new TokenReader(name, stackalloc char[TokenReader.MaxTokenLength], TokenForms.Words);
        while (reader.Read())
        {
            foreach (var character in reader.Token)
                hash = (hash ^ character) * 1099511628211UL;
        }

        return hash;
    }

    /// <summary>The order of equals: by name, then kind, then id.</summary>
    public int Compare(int left, int right)
    {
        if (_sortKeys[left] != _sortKeys[right])
            return _sortKeys[left].CompareTo(_sortKeys[right]);
        var (a, b) = (_entries[left].Resource, _entries[right].Resource);
        if (string.Compare(a.Name, b.Name, StringComparison.OrdinalIgnoreCase) is var byName and not 0)
            return byName;
        if (a.Kind.CompareTo(b.Kind) is var byKind and not 0)
            return byKind;
        return string.CompareOrdinal(a.Id, b.Id) is var byId and not 0 ? byId : left.CompareTo(right);
    }

    // The first four characters decide nearly always, and lie side by side in memory. Upper case as OrdinalIgnoreCase compares.
    private static ulong SortKey(string name)
    {
        var key = 0UL;
        for (var i = 0; i < 4; i++)
            key = (key << 16) | (i < name.Length ? char.ToUpperInvariant(name[i]) : 0UL);
        return key;
    }
}
