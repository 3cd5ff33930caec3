using System.Globalization;
using System.Text;

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
        // Arrays compare element by element: the value of the latest time, without collecting all of them.
        ["last"] = "(max(ARRAY[date_part('epoch', at), value]))[2]",
    };

    public static IReadOnlyCollection<string> Aggregates => Expressions.Keys;

    /// <summary>
    /// $1 is the metric, $2 and $3 the range, $4 the step, $5 the tag that series are read by or null; then name and value of each tag
    /// that points must have. Without tags the index
    /// alone is read.
    /// </summary>
    public static string For(HistoryQuery query)
    {
        var series = query.ReadBy is null ? "$5::text" : "tags ->> $5::text";
        var narrowed = new StringBuilder();
        for (var i = 0; i < query.Tags.Count; i++)
            narrowed.Append(CultureInfo.InvariantCulture, $" AND tags ->> ${6 + (2 * i)}::text = ${7 + (2 * i)}");
        return $"""
            SELECT {series} AS series, date_bin($4, at, timestamptz 'epoch') AS bucket, {Expressions[query.Aggregate]}, count(*) FROM telemetry.point
            WHERE metric_id = $1 AND at >= $2 AND at < $3{narrowed} GROUP BY series, bucket ORDER BY series, bucket
            """;
    }
}
