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

    public Narrowing(EntryTable table, FilterName name, IEnumerable<SearchFilter> filters)
    {
        (Name, _column) = (name, table[name]);
        var groups = filters.ToLookup(filter => filter.Excluded);
        _excluded = [.. groups[true].Select(filter => Code(filter.Value))];
        // A value that nothing has stays as -1, so that nothing passes.
        _wanted = groups[false].Any() ? [.. groups[false].Select(filter => Code(filter.Value))] : null;
    }

    public FilterName Name { get; }

    public Verdict Judge(int entry)
    {
        var codes = _column[entry];
        foreach (var code in codes)
        {
            if (_excluded.AsSpan().Contains(code))
                return Verdict.Out;
        }

        if (_wanted is null)
            return Verdict.Passes;
        foreach (var code in codes)
        {
            if (_wanted.AsSpan().Contains(code))
                return Verdict.Passes;
        }

        return Verdict.Fails;
    }

    private int Code(string value) => Name switch
    {
        FilterName.Kind => ResourceFacets.Kind(value) is { } kind ? _column.Code(kind.Word()) : -1,
        FilterName.Category when _column.Code(value) < 0 => _column.Code(Slug.Of(value)),
        FilterName.Tool => _column.Code(ResourceFacets.Tool(value)),
        _ => _column.Code(value),
    };
}
