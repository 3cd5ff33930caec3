namespace Jarvis.Catalog.Search;

/// <summary>What each entry of a snapshot has of one property, as numbers of its values.</summary>
internal sealed class FacetColumn
{
    private readonly Dictionary<string, int> _codes = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _values = [];
    private readonly int[] _starts;
    private readonly List<int> _entries = [];

    public FacetColumn(int count, Func<int, string?> value)
        : this(count, (entry, add) =>
        {
            if (value(entry) is { Length: > 0 } only)
                add(only);
        })
    {
    }

    public FacetColumn(int count, Action<int, Action<string>> values)
    {
        _starts = new int[count + 1];
        Action<string> add = value =>
        {
            if (!_codes.TryGetValue(value, out var code))
            {
                _codes.Add(value, code = _values.Count);
                _values.Add(value);
            }

            _entries.Add(code);
        };
        for (var entry = 0; entry < count; entry++)
        {
            values(entry, add);
            _starts[entry + 1] = _entries.Count;
        }
    }

    public int ValueCount => _values.Count;

    public string Value(int code) => _values[code];

    public int Code(string value) => _codes.GetValueOrDefault(value, -1);

    /// <summary>The codes of one entry's values.</summary>
    public ReadOnlySpan<int> this[int entry] => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_entries)[_starts[entry].._starts[entry + 1]];
}
