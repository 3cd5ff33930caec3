namespace Jarvis.Telemetry.Metrics;

/// <summary>The aggregates of a bucket, as SQL. Names come from this list only, never from a request.</summary>
internal static class HistorySql
{
    private static readonly Dictionary<string, string> Expressions = new(StringComparer.Ordinal)
    {
        ["avg"] = "avg(value)",
        ["min"] = "min(value)",
        ["max"] = "max(value)",
        ["sum"] = "sum(value)",
        ["count"] = "count(*)::double precision",
        ["p50"] = "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)",
        ["p95"] = "percentile_cont(0.95) WITHIN GROUP (ORDER BY value)",
        ["last"] = "(array_agg(value ORDER BY at DESC))[1]",
    };

    public static IReadOnlyCollection<string> Aggregates => Expressions.Keys;

    public static string For(string aggregate) =>
        $"""
        SELECT date_bin($4, at, timestamptz 'epoch') AS bucket, {Expressions[aggregate]}, count(*) FROM telemetry.metric_point
        WHERE metric_id = $1 AND at >= $2 AND at < $3 GROUP BY bucket ORDER BY bucket
        """;
}
