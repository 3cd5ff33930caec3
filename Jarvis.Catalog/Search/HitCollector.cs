using System.Buffers;
using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>Turns a query's sums into a page: what passes the filters, the facets, the best of them in order.</summary>
internal sealed class HitCollector
{
    private const int FacetValues = 20;
    private static readonly FilterName[] Faceted = [FilterName.Kind, FilterName.Category, FilterName.Plugin, FilterName.Source, FilterName.Model, FilterName.Tool];
    private readonly EntryTable _table;
    private readonly List<Narrowing> _narrowings;
    private readonly int[][] _counts;
    private readonly (float Least, float Most)[] _tiers = [(float.MaxValue, 0), (float.MaxValue, 0), (float.MaxValue, 0)];
    private readonly float[] _scale = [1, 1, 1];
    private Candidate[] _passed;
    private int _count;

    public HitCollector(EntryTable table, IReadOnlyList<SearchFilter> filters, int expected)
    {
        _table = table;
        _narrowings = [.. filters.GroupBy(filter => filter.Name).Select(group => new Narrowing(table, group.Key, group))];
        _counts = Array.ConvertAll(Faceted, name =>
        {
            var counts = ArrayPool<int>.Shared.Rent(table[name].ValueCount + 1);
            Array.Clear(counts);
            return counts;
        });
        _passed = ArrayPool<Candidate>.Shared.Rent(Math.Max(16, expected));
    }

    public int Total => _count;

    /// <summary>Takes an entry if the filters let it pass. One that fails a single filter still counts among that filter's own choices.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="score">Within its tier.</param>
    /// <param name="tier">0 to 2; no entry of a lower tier comes before one of a higher.</param>
    public void Add(int entry, float score, int tier)
    {
        Narrowing? failed = null;
        foreach (var narrowing in _narrowings)
        {
            switch (narrowing.Judge(entry))
            {
                case Verdict.Out:
                case Verdict.Fails when failed is not null:
                    return;
                case Verdict.Fails:
                    failed = narrowing;
                    break;
            }
        }

        for (var i = 0; i < Faceted.Length; i++)
        {
            if (failed is not null && failed.Name != Faceted[i])
                continue;
            foreach (var code in _table[Faceted[i]][entry])
                _counts[i][code]++;
        }

        if (failed is not null)
            return;
        if (_count == _passed.Length)
            Grow();
        _passed[_count++] = new(entry, score, tier);
        _tiers[tier] = (Math.Min(_tiers[tier].Least, score), Math.Max(_tiers[tier].Most, score));
    }

    /// <summary>The hits from <paramref name="offset"/>. Ends the collector's life.</summary>
    public List<Hit> Page(int offset, int limit)
    {
        // A lower tier's scores are brought below the least of the tier above.
        for (var tier = 1; tier >= 0; tier--)
        {
            var floor = float.MaxValue;
            for (var above = tier + 1; above <= 2; above++)
                floor = Math.Min(floor, _tiers[above].Least * _scale[above]);
            if (_tiers[tier].Most >= floor)
                _scale[tier] = floor * 0.99f / _tiers[tier].Most;
        }

        var all = _passed.AsSpan(0, _count);
        foreach (ref var each in all)
            each = each with { Score = each.Score * _scale[each.Tier] };
        var wanted = (int)Math.Min(_count, (long)offset + limit);
        var page = new List<Hit>(Math.Max(0, wanted - offset));
        if (page.Capacity > 0)
        {
            Best(all, wanted);
            foreach (var each in all[offset..wanted])
                page.Add(new(each.Entry, Math.Round(each.Score, 4)));
        }

        ArrayPool<Candidate>.Shared.Return(_passed);
        _passed = [];
        return page;
    }

    public SearchFacets Facets()
    {
        var kinds = _counts[0];
        int Kind(string word) => _table[FilterName.Kind].Code(word) is var code and >= 0 ? kinds[code] : 0;
        var facets = new SearchFacets(Kind("agent"), Kind("command"), Kind("skill"), Kind("mcp_server"), Kind("workflow"), Top(1), Top(2), Top(3), Top(4), Top(5));
        foreach (var counts in _counts)
            ArrayPool<int>.Shared.Return(counts);
        return facets;
    }

    /// <summary>Brings the best <paramref name="wanted"/> to the front, in order: a heap of that size, with the least good on top.</summary>
    private void Best(Span<Candidate> all, int wanted)
    {
        if (wanted * 4L >= all.Length)
        {
            all.Sort(Compare);
            return;
        }

        var heap = all[..wanted];
        for (var i = (wanted / 2) - 1; i >= 0; i--)
            Sink(heap, i);
        for (var i = wanted; i < all.Length; i++)
        {
            if (Compare(all[i], heap[0]) >= 0)
                continue;
            (heap[0], all[i]) = (all[i], heap[0]);
            Sink(heap, 0);
        }

        heap.Sort(Compare);
    }

    private void Sink(Span<Candidate> heap, int i)
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

    private int Compare(Candidate left, Candidate right)
    {
        if (left.Tier != right.Tier)
            return right.Tier.CompareTo(left.Tier);
        return left.Score != right.Score ? right.Score.CompareTo(left.Score) : _table.Compare(left.Entry, right.Entry);
    }

    private List<FacetValue> Top(int column)
    {
        var (counts, values) = (_counts[column], _table[Faceted[column]]);
        var found = new List<FacetValue>();
        for (var code = 0; code < values.ValueCount; code++)
        {
            if (counts[code] > 0)
                found.Add(new(values.Value(code), counts[code]));
        }

        found.Sort((left, right) => right.Count != left.Count ? right.Count.CompareTo(left.Count) : string.CompareOrdinal(left.Value, right.Value));
        if (found.Count > FacetValues)
            found.RemoveRange(FacetValues, found.Count - FacetValues);
        return found;
    }

    private void Grow()
    {
        var larger = ArrayPool<Candidate>.Shared.Rent(_passed.Length * 2);
        _passed.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<Candidate>.Shared.Return(_passed);
        _passed = larger;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Candidate(int Entry, float Score, int Tier);
}
