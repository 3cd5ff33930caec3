namespace Jarvis.Catalog.Search;

/// <summary>
/// A merge of segments that takes too long for a scan to wait for: it runs beside, searches go on in the segments as they are, and the first index that
/// is built after it takes what it gave. Until then the library's larger segments are in memory twice.
/// </summary>
internal sealed class MergeAside
{
    private readonly (int Source, int Document)[] _origins;
    private volatile IndexSegment? _merged;

    private MergeAside(IndexSegment[] sources, (int Source, int Document)[] origins, DocumentTerms[] documents, TermTable terms)
    {
        (Sources, _origins) = (sources, origins);
        // Work for a processor alone, with nothing to wait for or to cancel.
        Running = Task.Run(() => _merged = new(documents, terms));
    }

    public IndexSegment[] Sources { get; }

    public Task Running { get; }

    public static MergeAside Start(IndexPart[] parts, TermTable terms)
    {
        var origins = new List<(int Source, int Document)>(parts.Sum(part => part.Live));
        for (var source = 0; source < parts.Length; source++)
        {
            var map = parts[source].Map;
            for (var document = 0; document < map.Length; document++)
            {
                if (map[document] >= 0)
                    origins.Add((source, document));
            }
        }

        DocumentTerms[] documents = [.. origins.Select(origin => parts[origin.Source].Segment.Documents[origin.Document])];
        return new(Array.ConvertAll(parts, part => part.Segment), [.. origins], documents, terms);
    }

    /// <summary>The parts with what was merged instead of its sources; what went since then is gone there too. Null while it runs.</summary>
    public List<IndexPart>? Completed(List<IndexPart> parts)
    {
        if (!Running.IsCompleted)
            return null;
        var sources = Array.ConvertAll(Sources, source => parts.Find(part => part.Segment == source));
        // One that lost all its documents meanwhile is no part any more. A merge that failed is begun again when it is needed.
        if (_merged is not { } merged || Array.TrueForAll(sources, source => source is null))
            return parts;
        var map = Array.ConvertAll(_origins, origin => sources[origin.Source]?.Map[origin.Document] ?? -1);
        return [.. parts.Where(part => !Sources.Contains(part.Segment)), new(merged, map, map.Count(position => position >= 0))];
    }
}
