namespace Jarvis.Catalog.Search;

/// <summary>A segment as one snapshot sees it.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Map">For each of its documents the position in the snapshot; -1 for those that are gone.</param>
/// <param name="Live">How many are not gone.</param>
internal sealed record IndexPart(IndexSegment Segment, int[] Map, int Live)
{
    public static IndexPart Of(DocumentTerms[] documents, int[] positions, TermTable terms) => new(new(documents, terms), positions, documents.Length);

    /// <summary>The segment as the new snapshot sees it.</summary>
    public static IndexPart Take(IndexSegment segment, int[] before, int[] moved)
    {
        var map = new int[before.Length];
        var live = 0;
        for (var i = 0; i < map.Length; i++)
        {
            map[i] = before[i] < 0 ? -1 : moved[before[i]];
            live += map[i] >= 0 ? 1 : 0;
        }

        return new(segment, map, live);
    }

    public static IndexPart Merge(IndexPart[] parts, TermTable terms)
    {
        var documents = new List<DocumentTerms>(parts.Sum(part => part.Live));
        var positions = new List<int>(documents.Capacity);
        foreach (var part in parts)
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
