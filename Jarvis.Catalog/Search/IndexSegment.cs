using System.Buffers;

namespace Jarvis.Catalog.Search;

/// <summary>
/// An inverted index of some documents that never changes. Terms stand in ordinal order, so that a prefix is a range of them and its postings lie side
/// by side. A term's postings begin with the documents that have it outside their body.
/// </summary>
internal sealed class IndexSegment
{
    private readonly TermTable _table;
    private readonly string[] _terms;
    private readonly int[] _numbers;
    private readonly int[] _offsets;
    private readonly int[] _bodies;
    private readonly int[] _documents;
    private readonly ushort[] _impacts;
    private readonly int[] _families;
    private readonly int[] _byFamily;
    private readonly TermShapes _shapes;

    public IndexSegment(DocumentTerms[] documents, TermTable table)
    {
        (_table, Documents) = (table, documents);
        var count = table.Count;
        var rank = ArrayPool<int>.Shared.Rent(count);
        var outside = ArrayPool<int>.Shared.Rent(count);
        Array.Clear(rank, 0, count);
        Array.Clear(outside, 0, count);
        CountTerms(documents, rank, outside);
        _numbers = Ordered(rank, count);
        _terms = Array.ConvertAll(_numbers, number => table[number]);
        (_offsets, _bodies) = (new int[_numbers.Length + 1], new int[_numbers.Length]);
        for (var i = 0; i < _numbers.Length; i++)
        {
            _offsets[i + 1] = _offsets[i] + rank[_numbers[i]];
            _bodies[i] = _offsets[i] + outside[_numbers[i]];
            // From here on: where the next posting goes.
            (outside[_numbers[i]], rank[_numbers[i]]) = (_offsets[i], _bodies[i]);
        }

        (_documents, _impacts) = (new int[_offsets[^1]], new ushort[_offsets[^1]]);
        for (var document = 0; document < documents.Length; document++)
        {
            var (terms, impacts) = (documents[document].Terms, documents[document].Impacts);
            for (var i = 0; i < terms.Length; i++)
            {
                ref var next = ref IsOutside(impacts[i]) ? ref outside[terms[i]] : ref rank[terms[i]];
                (_documents[next], _impacts[next]) = (document, impacts[i]);
                next++;
            }
        }

        ArrayPool<int>.Shared.Return(rank);
        ArrayPool<int>.Shared.Return(outside);
        _byFamily = new int[_numbers.Length];
        for (var i = 0; i < _byFamily.Length; i++)
            _byFamily[i] = i;
        _families = Array.ConvertAll(_numbers, table.Family);
        Array.Sort(_families, _byFamily);
        _shapes = new(_terms);
    }

    public DocumentTerms[] Documents { get; }

    public string Term(int ordinal) => _terms[ordinal];

    public int Number(int ordinal) => _numbers[ordinal];

    /// <summary>The term's postings, or those of the documents that have it outside their body.</summary>
    public Postings Postings(int ordinal, bool outsideOnly = false)
    {
        var range = _offsets[ordinal]..(outsideOnly ? _bodies[ordinal] : _offsets[ordinal + 1]);
        return new(_documents.AsSpan(range), _impacts.AsSpan(range));
    }

    /// <summary>The term's position, or -1.</summary>
    public int Find(string term)
    {
        var at = LowerBound(term);
        return at < _terms.Length && _terms[at] == term ? at : -1;
    }

    public (int From, int To) Prefixed(string prefix) => (LowerBound(prefix), LowerBound($"{prefix}\uFFFF"));

    /// <summary>The terms that have this stem.</summary>
    public ReadOnlySpan<int> Family(int family)
    {
        var from = _families.AsSpan().BinarySearch(family);
        if (from < 0)
            return [];
        var to = from + 1;
        while (from > 0 && _families[from - 1] == family)
            from--;
        while (to < _families.Length && _families[to] == family)
            to++;
        return _byFamily.AsSpan(from..to);
    }

    /// <summary>Adds the terms that are one to <paramref name="max"/> edits away.</summary>
    public void Misspelt(string word, int max, List<(int Ordinal, int Edits)> found) => _shapes.Near(word, max, _terms, found);

    private static bool IsOutside(ushort impact) => DocumentTerms.Fields(impact) != MatchedFields.Body;

    private static void CountTerms(DocumentTerms[] documents, int[] all, int[] outside)
    {
        foreach (var document in documents)
        {
            var (terms, impacts) = (document.Terms, document.Impacts);
            for (var i = 0; i < terms.Length; i++)
            {
                all[terms[i]]++;
                if (IsOutside(impacts[i]))
                    outside[terms[i]]++;
            }
        }
    }

    /// <summary>The numbers that occur, in the order of their texts: by the first four characters, then in full among those that have them alike.</summary>
    private int[] Ordered(int[] counts, int count)
    {
        var used = 0;
        for (var number = 0; number < count; number++)
            used += counts[number] > 0 ? 1 : 0;
        var (numbers, keys) = (new int[used], new ulong[used]);
        for (int number = 0, at = 0; number < count; number++)
        {
            if (counts[number] > 0)
                (numbers[at], keys[at++]) = (number, Key(_table[number]));
        }

        Array.Sort(keys, numbers);
        for (int from = 0, to; from < used; from = to)
        {
            for (to = from + 1; to < used && keys[to] == keys[from];)
                to++;
            if (to - from > 1)
                numbers.AsSpan(from..to).Sort((left, right) => string.CompareOrdinal(_table[left], _table[right]));
        }

        return numbers;
    }

    private static ulong Key(string text)
    {
        var key = 0UL;
        for (var i = 0; i < 4; i++)
            key = (key << 16) | (i < text.Length ? text[i] : 0UL);
        return key;
    }

    private int LowerBound(string term)
    {
        var (low, high) = (0, _terms.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(_terms[middle], term) < 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
