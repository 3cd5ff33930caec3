using System.Buffers;

namespace Jarvis.Catalog.Search;

/// <summary>
/// Turns the entries that match into a page: what passes the filters, the facets, the best of them in order. Made of a scratch's hits and scores,
/// which it uses as long as it lives.
/// </summary>
internal sealed class HitCollector
{
    private const int FacetValues = 20;
    private static readonly FilterName[] Faceted = [FilterName.Kind, FilterName.Category, FilterName.Plugin, FilterName.Source, FilterName.Model, FilterName.Tool];
    private readonly EntryTable _table;
    private readonly SearchScratch _scratch;
    private readonly int[][] _counts;

    /// <summary>Takes the first <paramref name="count"/> hits. One that fails a single filter still counts among that filter's own choices.</summary>
    public HitCollector(EntryTable table, IReadOnlyList<SearchFilter> filters, SearchScratch scratch, int count)
    {
        (_table, _scratch) = (table, scratch);
        _counts = Array.ConvertAll(Faceted, name =>
        {
            var counts = ArrayPool<int>.Shared.Rent(4 * table[name].SetCount);
            counts.AsSpan(0, 4 * table[name].SetCount).Clear();
            return counts;
        });
        Total = filters.Count == 0 ? count : Narrowed([.. filters.GroupBy(filter => filter.Name).Select(group => new Narrowing(table, group.Key, group))], count);
        for (var i = 0; i < Faceted.Length; i++)
            table[Faceted[i]].Count(Hits, _counts[i]);
    }

    public int Total { get; }

    /// <summary>What passed, ascending until a page was made.</summary>
    public Span<int> Hits => _scratch.Hits.AsSpan(0, Total);

    public SearchFacets Facets()
    {
        var (kinds, column) = (_table[FilterName.Kind].ByValue(_counts[0]), _table[FilterName.Kind]);
        int Kind(string word) => column.Code(word) is var code and >= 0 ? kinds[code] : 0;
        var facets = new SearchFacets(Kind("agent"), Kind("command"), Kind("skill"), Kind("mcp_server"), Kind("workflow"), Top(1), Top(2), Top(3), Top(4), Top(5));
        foreach (var counts in _counts)
            ArrayPool<int>.Shared.Return(counts);
        return facets;
    }

    /// <summary>The hits from <paramref name="offset"/>. Leaves the scratch's hits in another order.</summary>
    public List<Hit> Page(int offset, int limit)
    {
        var wanted = (int)Math.Min(Total, (long)offset + limit);
        var page = new List<Hit>(Math.Max(0, wanted - offset));
        if (page.Capacity == 0)
            return page;
        Best(Hits, wanted);
        foreach (var entry in Hits[offset..wanted])
            page.Add(new(entry, Math.Round(_scratch.Score[entry], 4)));
        return page;
    }

    private int Narrowed(Narrowing[] narrowings, int count)
    {
        var (hits, passed) = (_scratch.Hits, 0);
        for (var i = 0; i < count; i++)
        {
            switch (Judged(narrowings, hits[i]))
            {
                case (Verdict.Passes, _):
                    hits[passed++] = hits[i];
                    break;
                case (Verdict.Fails, { } failed) when Array.IndexOf(Faceted, failed) is var column and >= 0:
                    _counts[column][_table[failed][hits[i]]]++;
                    break;
            }
        }

        return passed;
    }

    /// <summary>Whether it passes all, and when it fails one only, which.</summary>
    private static (Verdict Verdict, FilterName? Failed) Judged(Narrowing[] narrowings, int entry)
    {
        FilterName? failed = null;
        foreach (var narrowing in narrowings)
        {
            var verdict = narrowing.Judge(entry);
            if (verdict == Verdict.Passes)
                continue;
            if (verdict == Verdict.Out || failed is not null)
                return (Verdict.Out, null);
            failed = narrowing.Name;
        }

        return (failed is null ? Verdict.Passes : Verdict.Fails, failed);
    }

    /// <summary>Brings the best <paramref name="wanted"/> to the front, in order: a heap of that size, with the least good on top.</summary>
    private void Best(Span<int> all, int wanted)
    {
        if (wanted * 4L >= all.Length)
        {
            all.Sort(Compare);
            return;
        }

        var heap = all[..wanted];
        var scores = _scratch.Score;
        for (var i = (wanted / 2) - 1; i >= 0; i--)
            Sink(heap, i);
        var least = scores[heap[0]];
        for (var i = wanted; i < all.Length; i++)
        {
            // Nearly all end here.
            if (scores[all[i]] < least || Compare(all[i], heap[0]) >= 0)
                continue;
            (heap[0], all[i]) = (all[i], heap[0]);
            Sink(heap, 0);
            least = scores[heap[0]];
        }

        heap.Sort(Compare);
    }

    private void Sink(Span<int> heap, int i)
    {
        for (var child = (2 * i) + 1; child < heap.Length; child = (2 * i) + 1)
        {
            if (child + 1 < heap.Length && Compare(heap[child + 1], heap[child]) > 0)
                child++;
            if (Compare(heap[child], heap[i]) <= 0)
                return;
            (heap[i], heap[child]) = (heap[child], heap[i]);
            i = child;
        }
    }

    private int Compare(int left, int right)
    {
        var (a, b) = (_scratch.Score[left], _scratch.Score[right]);
        return a != b ? b.CompareTo(a) : _table.Compare(left, right);
    }

    private List<FacetValue> Top(int column)
    {
        var values = _table[Faceted[column]];
        var counts = values.ByValue(_counts[column]);
        var found = new List<FacetValue>();
        for (var code = 0; code < counts.Length; code++)
        {
            if (counts[code] > 0)
                found.Add(new(values.Value(code), counts[code]));
        }

        found.Sort((left, right) => right.Count != left.Count ? right.Count.CompareTo(left.Count) : string.CompareOrdinal(left.Value, right.Value));
        if (found.Count > FacetValues)
            found.RemoveRange(FacetValues, found.Count - FacetValues);
        return found;
    }
}
