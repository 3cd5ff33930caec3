namespace Jarvis.Catalog.Search;

/// <summary>
/// The index of one snapshot: a few <see cref="IndexSegment"/>s, most documents in the first, what changed since in smaller ones, and for each segment
/// which of its documents the snapshot has, by their position there. A document is told by its <see cref="DocumentTerms"/> object.
/// All statistics are those of the whole, so that scores do not depend on how the documents are spread.
/// </summary>
public sealed class SearchIndex
{
    // A segment is merged into the one before it when it has a quarter of its size: each document is merged a few times in its life.
    private const int MergeRatio = 4;

    private SearchIndex(IndexSegment[] segments, int[][] maps, IReadOnlyList<DocumentTerms> documents, TermTable terms)
    {
        (Segments, Maps, Documents, Terms) = (segments, maps, documents, terms);
        var words = 0L;
        for (var i = 0; i < documents.Count; i++)
            words += documents[i].Length;
        var average = documents.Count == 0 ? 1 : Math.Max(1, (float)words / documents.Count);
        Norms = new float[SearchScratch.Padded(documents.Count)];
        // Beyond the last entry too, for they divide.
        Array.Fill(Norms, FieldWeights.K1);
        for (var i = 0; i < documents.Count; i++)
            Norms[i] = (FieldWeights.K1 * (1 - FieldWeights.B)) + (FieldWeights.K1 * FieldWeights.B / average * documents[i].Length);
    }

    public int DocumentCount => Documents.Count;

    /// <summary>For each entry what its length adds below BM25's line.</summary>
    internal float[] Norms { get; }

    internal IndexSegment[] Segments { get; }

    /// <summary>For each segment's documents their positions in the snapshot; -1 for those that are gone.</summary>
    internal int[][] Maps { get; }

    internal IReadOnlyList<DocumentTerms> Documents { get; }

    internal TermTable Terms { get; }

    /// <summary>How many of the snapshot's documents have a segment's term.</summary>
    internal int Live(int segment, int ordinal)
    {
        var (map, live) = (Maps[segment], 0);
        foreach (var document in Segments[segment].Postings(ordinal).Documents)
            live += map[document] >= 0 ? 1 : 0;
        return live;
    }

    /// <summary>The index of <paramref name="documents"/>, with as much as possible of the last one's work.</summary>
    /// <param name="previous">An index over the same term table; null builds anew.</param>
    /// <param name="documents">In the order of the snapshot's entries; each object once.</param>
    /// <param name="terms">The table that counted them.</param>
    public static SearchIndex Build(SearchIndex? previous, IReadOnlyList<DocumentTerms> documents, TermTable terms)
    {
        if (previous is not null && previous.Terms != terms)
            throw new ArgumentException("The last index has another term table.", nameof(previous));

        var parts = new List<Part>();
        if (previous is null)
        {
            parts.Add(Part.Of([.. documents], [.. Enumerable.Range(0, documents.Count)], terms));
        }
        else
        {
            var positions = new Dictionary<DocumentTerms, int>(documents.Count);
            var again = new List<int>();
            for (var i = 0; i < documents.Count; i++)
            {
                if (!positions.TryAdd(documents[i], i))
                    again.Add(i);
            }

            foreach (var segment in previous.Segments)
                parts.Add(Part.Take(segment, positions));
            parts.RemoveAll(part => part.Live == 0);
            int[] added = [.. positions.Values.Concat(again).Order()];
            if (added.Length > 0)
                parts.Add(Part.Of(Array.ConvertAll(added, position => documents[position]), added, terms));

            Merge(parts, terms);
        }

        return new([.. parts.Select(part => part.Segment)], [.. parts.Select(part => part.Map)], documents, terms);
    }

    private static void Merge(List<Part> parts, TermTable terms)
    {
        parts.Sort((left, right) => right.Live.CompareTo(left.Live));
        while (parts.Count > 1 && parts[^1].Live * MergeRatio >= parts[^2].Live)
        {
            var merged = Part.Merge(parts[^2], parts[^1], terms);
            parts.RemoveRange(parts.Count - 2, 2);
            parts.Add(merged);
        }

        // What is gone takes memory and time: at half of a segment it is left behind.
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Live * 2 < parts[i].Map.Length)
                parts[i] = Part.Merge(parts[i], null, terms);
        }
    }

    private sealed record Part(IndexSegment Segment, int[] Map, int Live)
    {
        public static Part Of(DocumentTerms[] documents, int[] positions, TermTable terms) => new(new(documents, terms), positions, documents.Length);

        /// <summary>The segment as the new snapshot sees it; what it has is taken from <paramref name="positions"/>.</summary>
        public static Part Take(IndexSegment segment, Dictionary<DocumentTerms, int> positions)
        {
            var map = new int[segment.Documents.Length];
            var live = 0;
            for (var i = 0; i < map.Length; i++)
            {
                map[i] = positions.Remove(segment.Documents[i], out var position) ? position : -1;
                live += map[i] >= 0 ? 1 : 0;
            }

            return new(segment, map, live);
        }

        public static Part Merge(Part left, Part? right, TermTable terms)
        {
            var documents = new List<DocumentTerms>(left.Live + (right?.Live ?? 0));
            var positions = new List<int>(documents.Capacity);
            foreach (var part in right is null ? [left] : new[] { left, right })
            {
                for (var i = 0; i < part.Map.Length; i++)
                {
                    if (part.Map[i] < 0)
                        continue;
                    documents.Add(part.Segment.Documents[i]);
                    positions.Add(part.Map[i]);
                }
            }

            return Of([.. documents], [.. positions], terms);
        }
    }
}
