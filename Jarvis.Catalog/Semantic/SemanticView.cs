using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Semantic;

/// <summary>A snapshot's entries and their vectors as they were at one moment. Nothing in it changes.</summary>
public sealed class SemanticView
{
    /// <summary>Multiplications from which on a second core is worth its start.</summary>
    private const long ParallelFrom = 8_000_000;

    private const int MaxParts = 4;

    private readonly int[] _slots;
    private readonly float[][] _blocks;
    private readonly int _rowsOfBlock;

    internal SemanticView(IReadOnlyList<CatalogEntry> entries, ContentHash[] hashes, VectorPool? pool)
    {
        (Entries, Hashes, Dimensions) = (entries, hashes, pool?.Dimensions);
        _slots = Array.ConvertAll(hashes, hash => pool?.Find(hash) ?? -1);
        (_blocks, _rowsOfBlock) = (pool?.Blocks() ?? [], pool?.RowsOfBlock ?? 1);
        Embedded = _slots.Count(slot => slot >= 0);
    }

    /// <summary>The snapshot's. A scan that found nothing new makes a snapshot of the same ones.</summary>
    public IReadOnlyList<CatalogEntry> Entries { get; }

    /// <summary>Of each entry's text.</summary>
    public IReadOnlyList<ContentHash> Hashes { get; }

    /// <summary>Null while there is no vector at all.</summary>
    public int? Dimensions { get; }

    /// <summary>Entries that have a vector.</summary>
    public int Embedded { get; }

    public int Total => _slots.Length;

    public bool Has(int entry) => _slots[entry] >= 0;

    /// <summary>The entries whose vectors are nearest, by an exact scan of all: best first, equals in the snapshot's order.</summary>
    /// <param name="query">Normalised.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="minScore">The least cosine.</param>
    /// <param name="filter">Which entries may be results; asked only of those that are near enough, and from several threads.</param>
    public IReadOnlyList<ScoredEntry> Nearest(float[] query, int count, double minScore, Func<int, bool>? filter = null)
    {
        var parts = (long)Embedded * query.Length < ParallelFrom ? 1 : Math.Min(MaxParts, Environment.ProcessorCount);
        if (parts == 1)
            return Scan(query, 0, Total, count, minScore, filter).Sorted();
        var found = new NearestEntries[parts];
        Parallel.For(0, parts, part =>
            found[part] = Scan(query, (int)((long)Total * part / parts), (int)((long)Total * (part + 1) / parts), count, minScore, filter));
        foreach (var others in found.AsSpan(1))
            found[0].AddAll(others);
        return found[0].Sorted();
    }

    private NearestEntries Scan(float[] query, int from, int to, int count, double minScore, Func<int, bool>? filter)
    {
        var nearest = new NearestEntries(count);
        for (var entry = from; entry < to; entry++)
        {
            if (_slots[entry] is not (>= 0 and var slot))
                continue;
            var row = _blocks[slot / _rowsOfBlock].AsSpan(slot % _rowsOfBlock * query.Length, query.Length);
            var candidate = new ScoredEntry(entry, VectorMath.Dot(query, row));
            if (candidate.Score >= minScore && nearest.Takes(candidate) && (filter is null || filter(entry)))
                nearest.Add(candidate);
        }

        return nearest;
    }
}
