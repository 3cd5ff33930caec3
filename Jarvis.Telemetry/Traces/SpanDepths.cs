namespace Jarvis.Telemetry.Traces;

/// <summary>Puts each span's distance from its root on it. Parents may be missing, late, or (from a broken sender) in a circle.</summary>
internal static class SpanDepths
{
    public static IReadOnlyList<Span> Set(IReadOnlyList<Span> spans)
    {
        var parents = spans.ToDictionary(span => span.SpanId, span => span.ParentSpanId, StringComparer.Ordinal);
        var depths = new Dictionary<string, int>(spans.Count, StringComparer.Ordinal);
        return [.. spans.Select(span => span with { Depth = Depth(span.SpanId, parents, depths) })];
    }

    // Each span is visited once: a chain is walked up to what is known already, and settled on the way back.
    private static int Depth(string id, Dictionary<string, string?> parents, Dictionary<string, int> depths)
    {
        var chain = new Stack<string>();
        string? at = id;
        while (at is not null && parents.TryGetValue(at, out var parent) && depths.TryAdd(at, 0))
        {
            chain.Push(at);
            at = parent;
        }
        var depth = at is not null && depths.TryGetValue(at, out var known) && !chain.Contains(at) ? known + 1 : 0;
        while (chain.TryPop(out var next))
            depths[next] = depth++;
        return depths[id];
    }
}
