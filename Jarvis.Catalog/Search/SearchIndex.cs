using System.Collections;

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

    // Some tens of milliseconds of a scan.
    private const int MaxMergedAtOnce = 4_096;

    private SearchIndex(List<IndexPart> parts, IReadOnlyList<DocumentTerms> documents, TermTable terms, MergeAside? aside)
    {
        (Segments, Maps) = ([.. parts.Select(part => part.Segment)], [.. parts.Select(part => part.Map)]);
        (Documents, Terms, Aside) = (documents, terms, aside);
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

    /// <summary>The merge that is under way, of which there is one at a time.</summary>
    internal MergeAside? Aside { get; }

    /// <summary>How many of the snapshot's documents have a segment's term.</summary>
    internal int Live(int segment, int ordinal)
    {
        var (map, live) = (Maps[segment], 0);
        foreach (var document in Segments[segment].Postings(ordinal).Documents)
            live += map[document] >= 0 ? 1 : 0;
        return live;
    }

    /// <summary>How many of the table's terms a document of this index has. A look at every document: some tens of milliseconds of a large library.</summary>
    internal int LiveTerms()
    {
        var isLive = new BitArray(Terms.Count);
        var live = 0;
        foreach (var document in Documents)
        {
            foreach (var term in document.Terms)
            {
                live += isLive[term] ? 0 : 1;
                isLive[term] = true;
            }
        }

        return live;
    }

    /// <summary>The index of <paramref name="documents"/>, with as much as possible of the last one's work.</summary>
    /// <param name="previous">An index over the same term table; null builds anew.</param>
    /// <param name="documents">In the order of the snapshot's entries; each object once.</param>
    /// <param name="terms">The table that counted them.</param>
    public static SearchIndex Build(SearchIndex? previous, IReadOnlyList<DocumentTerms> documents, TermTable terms) => Build(previous, documents, terms, MaxMergedAtOnce);

    /// <summary>The same; a merge of more than <paramref name="maxAtOnce"/> documents runs beside.</summary>
    internal static SearchIndex Build(SearchIndex? previous, IReadOnlyList<DocumentTerms> documents, TermTable terms, int maxAtOnce)
    {
        if (previous is not null && previous.Terms != terms)
            throw new ArgumentException("The last index has another term table.", nameof(previous));

        var parts = new List<IndexPart>();
        var aside = previous?.Aside;
        if (previous is null)
        {
            parts.Add(IndexPart.Of([.. documents], [.. Enumerable.Range(0, documents.Count)], terms));
        }
        else
        {
            var moved = Moves.Of(previous.Documents, documents);
            for (var i = 0; i < previous.Segments.Length; i++)
                parts.Add(IndexPart.Take(previous.Segments[i], previous.Maps[i], moved));
            parts.RemoveAll(part => part.Live == 0);
            var added = Missing(parts, documents.Count);
            if (added.Length > 0)
                parts.Add(IndexPart.Of(Array.ConvertAll(added, position => documents[position]), added, terms));

            if (aside?.Completed(parts) is { } all)
                (parts, aside) = (all, null);
            aside = Merge(parts, terms, aside, maxAtOnce);
        }

        return new(parts, documents, terms, aside);
    }

    /// <summary>The positions that no part has.</summary>
    private static int[] Missing(List<IndexPart> parts, int count)
    {
        var has = new bool[count];
        foreach (var part in parts)
        {
            foreach (var position in part.Map)
            {
                if (position >= 0)
                    has[position] = true;
            }
        }

        var missing = new List<int>();
        for (var position = Array.IndexOf(has, false); position >= 0; position = Array.IndexOf(has, false, position + 1))
            missing.Add(position);
        return [.. missing];
    }

    private static MergeAside? Merge(List<IndexPart> parts, TermTable terms, MergeAside? aside, int maxAtOnce)
    {
        parts.Sort((left, right) => right.Live.CompareTo(left.Live));
        while (parts.Count > 1 && parts[^1].Live * MergeRatio >= parts[^2].Live && !Has(aside, parts[^2]) && !Has(aside, parts[^1]))
        {
            if (parts[^2].Live + parts[^1].Live > maxAtOnce)
            {
                aside ??= MergeAside.Start([parts[^2], parts[^1]], terms);
                break;
            }

            var merged = IndexPart.Merge([parts[^2], parts[^1]], terms);
            parts.RemoveRange(parts.Count - 2, 2);
            parts.Add(merged);
        }

        // What is gone takes memory and time: at half of a segment it is left behind.
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Live * 2 >= parts[i].Map.Length || Has(aside, parts[i]))
                continue;
            if (parts[i].Live <= maxAtOnce)
                parts[i] = IndexPart.Merge([parts[i]], terms);
            else
                aside ??= MergeAside.Start([parts[i]], terms);
        }

        return aside;
    }

    private static bool Has(MergeAside? aside, IndexPart part) => aside is not null && aside.Sources.Contains(part.Segment);
}
