using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>
/// What each entry of a snapshot has of one property. Every combination of values that occurs is a set with a number, so that an entry is judged and
/// counted by one number however many values it has.
/// </summary>
internal sealed class FacetColumn
{
    // Nobody narrows by the thousandth tag of a resource.
    private const int MaxValues = 200;
    private readonly Dictionary<string, int> _codes;
    private readonly List<string> _values;
    private readonly Dictionary<(int Set, int Code), int> _larger;

    // Set 0 is empty; each other one is an earlier set and one value more.
    private readonly List<(int Fewer, int Code)> _sets;
    private readonly int[] _ofEntry;

    /// <summary>The column of a snapshot.</summary>
    /// <param name="count">How many entries it has.</param>
    /// <param name="previous">The last snapshot's column.</param>
    /// <param name="from">For each entry its position in the last snapshot; -1 when it is new.</param>
    /// <param name="values">What a new entry has.</param>
    public FacetColumn(int count, FacetColumn? previous, int[] from, Func<int, IReadOnlyList<string>> values)
    {
        // Sets that no entry has any more stay, until they are the most.
        if (previous is not null && previous._sets.Count > 1_000 + (2 * count))
            (previous, from) = (null, Array.ConvertAll(from, _ => -1));
        _codes = new(previous?._codes ?? [], StringComparer.OrdinalIgnoreCase);
        _larger = new(previous?._larger ?? []);
        (_values, _sets, _ofEntry) = (previous is null ? [] : [.. previous._values], previous is null ? [(0, -1)] : [.. previous._sets], new int[count]);
        for (var entry = 0; entry < count; entry++)
            _ofEntry[entry] = from[entry] >= 0 ? previous!._ofEntry[from[entry]] : SetOf(values(entry));
    }

    public int ValueCount => _values.Count;

    public int SetCount => _sets.Count;

    public string Value(int code) => _values[code];

    public int Code(string value) => _codes.GetValueOrDefault(value, -1);

    /// <summary>The number of the entry's set.</summary>
    public int this[int entry] => _ofEntry[entry];

    /// <summary>Counts sets; <paramref name="counts"/> has four rows of them, for one counter would wait for its own last increment.</summary>
    public void Count(ReadOnlySpan<int> entries, Span<int> counts)
    {
        var (sets, rows) = (_ofEntry, SetCount);
        var first = counts[..rows];
        var second = counts.Slice(rows, rows);
        var third = counts.Slice(2 * rows, rows);
        var fourth = counts.Slice(3 * rows, rows);
        var i = 0;
        for (; i + 3 < entries.Length; i += 4)
        {
            first[sets[entries[i]]]++;
            second[sets[entries[i + 1]]]++;
            third[sets[entries[i + 2]]]++;
            fourth[sets[entries[i + 3]]]++;
        }

        for (; i < entries.Length; i++)
            first[sets[entries[i]]]++;
    }

    /// <summary>What the rows of <see cref="Count"/> give by value.</summary>
    public int[] ByValue(ReadOnlySpan<int> counts)
    {
        var (byValue, rows) = (new int[_values.Count], SetCount);
        for (var set = 1; set < rows; set++)
        {
            var count = counts[set] + counts[rows + set] + counts[(2 * rows) + set] + counts[(3 * rows) + set];
            for (var at = set; count > 0 && at > 0; at = _sets[at].Fewer)
                byValue[_sets[at].Code] += count;
        }

        return byValue;
    }

    /// <summary>Whether the set has one of these values.</summary>
    public bool HasAny(int set, ReadOnlySpan<int> codes)
    {
        for (; set > 0; set = _sets[set].Fewer)
        {
            if (codes.Contains(_sets[set].Code))
                return true;
        }

        return false;
    }

    private int SetOf(IReadOnlyList<string> values)
    {
        var set = 0;
        // Each value looks at those before it.
        for (var i = 0; i < Math.Min(values.Count, MaxValues); i++)
            set = values[i].Length > 0 ? With(set, values[i]) : set;
        return set;
    }

    private int With(int set, string value)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codes, value, out var known);
        if (!known)
        {
            code = _values.Count;
            _values.Add(value);
        }

        if (HasAny(set, [code]))
            return set;
        ref var larger = ref CollectionsMarshal.GetValueRefOrAddDefault(_larger, (set, code), out known);
        if (!known)
        {
            larger = _sets.Count;
            _sets.Add((set, code));
        }

        return larger;
    }
}
