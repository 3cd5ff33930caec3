using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

internal enum Verdict
{
    Passes,

    /// <summary>It has none of the values that are asked for.</summary>
    Fails,

    /// <summary>It has a value that is excluded.</summary>
    Out,
}

/// <summary>The filters of one name: an entry has one of the wanted values, and none of the excluded.</summary>
internal sealed class Narrowing
{
    private readonly FacetColumn _column;
    private readonly int[]? _wanted;
    private readonly int[] _excluded;
    private readonly Verdict[] _verdicts;

    public Narrowing(EntryTable table, FilterName name, IEnumerable<SearchFilter> filters)
    {
        (Name, _column) = (name, table[name]);
        var groups = filters.ToLookup(filter => filter.Excluded);
        _excluded = [.. groups[true].Select(filter => Code(filter.Value))];
        // A value that nothing has stays as -1, so that nothing passes.
        _wanted = groups[false].Any() ? [.. groups[false].Select(filter => Code(filter.Value))] : null;
        _verdicts = new Verdict[_column.SetCount];
        for (var set = 0; set < _verdicts.Length; set++)
            _verdicts[set] = OfSet(set);
    }

    public FilterName Name { get; }

    public Verdict Judge(int entry) => _verdicts[_column[entry]];

    private Verdict OfSet(int set)
    {
        if (_column.HasAny(set, _excluded))
            return Verdict.Out;
        return _wanted is null || _column.HasAny(set, _wanted) ? Verdict.Passes : Verdict.Fails;
    }

    private int Code(string value) => Name switch
    {
        FilterName.Kind => ResourceFacets.Kind(value) is { } kind ? _column.Code(kind.Word()) : -1,
        FilterName.Category when _column.Code(value) < 0 => _column.Code(Slug.Of(value)),
        FilterName.Tool => _column.Code(ResourceFacets.Tool(value)),
        _ => _column.Code(value),
    };
}
