namespace Jarvis.Catalog.Search;

/// <summary>
/// An inverted index that never changes: terms in ordinal order, each with its documents. The order makes one array serve exact terms,
/// prefixes (a range) and spelling mistakes (a scan).
/// </summary>
public sealed class SearchIndex
{
    private readonly string[] _terms;
    private readonly int[] _offsets;
    private readonly int[] _documents;
    private readonly TermCounts[] _counts;
    private readonly int[] _lengths;

    private SearchIndex(string[] terms, int[] offsets, int[] documents, TermCounts[] counts, int[] lengths)
    {
        (_terms, _offsets, _documents, _counts, _lengths) = (terms, offsets, documents, counts, lengths);
        AverageLength = lengths.Length == 0 ? 1 : Math.Max(1, lengths.Average());
    }

    public int DocumentCount => _lengths.Length;

    public int TermCount => _terms.Length;

    public double AverageLength { get; }

    public static SearchIndex Build(IReadOnlyList<DocumentTerms> documents, TermTable table)
    {
        var frequency = new int[table.Count];
        foreach (var document in documents)
        {
            foreach (var term in document.Terms)
                frequency[term]++;
        }

        var used = Enumerable.Range(0, frequency.Length).Where(term => frequency[term] > 0).ToArray();
        Array.Sort(used, (left, right) => string.CompareOrdinal(table[left], table[right]));
        var rank = new int[table.Count];
        var offsets = new int[used.Length + 1];
        for (var i = 0; i < used.Length; i++)
        {
            rank[used[i]] = i;
            offsets[i + 1] = offsets[i] + frequency[used[i]];
        }

        var next = offsets[..used.Length];
        var postings = new int[offsets[^1]];
        var counts = new TermCounts[offsets[^1]];
        for (var document = 0; document < documents.Count; document++)
        {
            var (terms, values, _) = documents[document];
            for (var i = 0; i < terms.Length; i++)
            {
                var at = next[rank[terms[i]]]++;
                (postings[at], counts[at]) = (document, values[i]);
            }
        }

        return new(Array.ConvertAll(used, term => table[term]), offsets, postings, counts, [.. documents.Select(document => document.Length)]);
    }

    public string Term(int term) => _terms[term];

    public int Length(int document) => _lengths[document];

    public ReadOnlySpan<int> Documents(int term) => _documents.AsSpan(_offsets[term].._offsets[term + 1]);

    public ReadOnlySpan<TermCounts> Counts(int term) => _counts.AsSpan(_offsets[term].._offsets[term + 1]);

    /// <summary>The terms that begin with <paramref name="prefix"/>: from, and how many.</summary>
    public (int From, int Count) Prefixed(string prefix)
    {
        var from = LowerBound(prefix);
        var to = from;
        while (to < _terms.Length && _terms[to].StartsWith(prefix, StringComparison.Ordinal))
            to++;
        return (from, to - from);
    }

    public int? Exact(string term)
    {
        var at = LowerBound(term);
        return at < _terms.Length && _terms[at] == term ? at : null;
    }

    /// <summary>The terms that are one insertion, deletion, replacement or exchange of neighbours away from <paramref name="word"/>.</summary>
    public List<int> OneEditAway(string word, int max)
    {
        var found = new List<int>();
        for (var term = 0; term < _terms.Length && found.Count < max; term++)
        {
            if (Math.Abs(_terms[term].Length - word.Length) <= 1 && IsOneEdit(_terms[term], word))
                found.Add(term);
        }

        return found;
    }

    public static bool IsOneEdit(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length > right.Length)
            return IsOneEdit(right, left);
        var same = left.CommonPrefixLength(right);
        if (left.Length != right.Length)
            return right.Length - left.Length == 1 && left[same..].SequenceEqual(right[(same + 1)..]);
        if (same == left.Length)
            return false;
        return left[(same + 1)..].SequenceEqual(right[(same + 1)..])
            || (same + 1 < left.Length && left[same] == right[same + 1] && left[same + 1] == right[same] && left[(same + 2)..].SequenceEqual(right[(same + 2)..]));
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
