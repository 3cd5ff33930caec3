using System.Text;

namespace Jarvis.Telemetry.Traces;

/// <summary>
/// The statements of traces. Conditions are written only for what was asked for, so that each meets the index that was made for it; they
/// are sent unprepared, so that Postgres plans
/// with the values: it walks from the newest where many traces match, and looks up where few do.
/// </summary>
internal static class TraceSql
{
    /// <summary>Traces of one correlation ID that are looked at; who sends the same ID with everything is shown some of them.</summary>
    public const int MaxCorrelated = 10_000;

    /// <summary>Traces up to which a service is a rare one.</summary>
    public const int MaxOfRareService = 5_000;

    /// <summary>
    /// The traces of a service, unless there are many. Postgres does not know how rare an element of an array is: beside an order and a
    /// limit it would walk through all traces for
    /// a service that has none. Asked alone it looks a rare one up, and finds many of a common one at once.
    /// </summary>
    public const string OfService = "SELECT trace_id FROM telemetry.trace WHERE services @> ARRAY[$1] LIMIT $2";

    private const string Columns =
        "t.trace_id, t.start_unix_nano, t.end_unix_nano, t.span_count, t.error_count, t.services, t.correlation_id, t.root_name, t.root_service";

    public const string One = $"SELECT {Columns} FROM telemetry.trace AS t WHERE t.trace_id = $1";

    /// <summary>The first spans of each trace by their index alone; the rest of a row only of those that are shown.</summary>
    public const string Spans =
        """
        WITH first AS MATERIALIZED (
            SELECT s.trace_id, s.span_id, s.start_unix_nano FROM unnest($1::bytea[]) AS t (id)
            CROSS JOIN LATERAL (SELECT trace_id, span_id, start_unix_nano FROM telemetry.span WHERE trace_id = t.id ORDER BY start_unix_nano, span_id LIMIT $2) AS s
            ORDER BY s.start_unix_nano, s.trace_id, s.span_id LIMIT $2)
        SELECT s.trace_id, s.span_id, parent_span_id, service, instance_id, scope, name, kind, s.start_unix_nano, duration_ns, status, status_message,
            correlation_id, attributes, events, links
        FROM first JOIN telemetry.span AS s ON s.trace_id = first.trace_id AND s.span_id = first.span_id
        ORDER BY first.start_unix_nano, first.trace_id, first.span_id
        """;

    // One step of the index for each trace, however many spans it has.
    private const string Correlated =
        """
        WITH RECURSIVE mine (trace_id) AS (
            (SELECT trace_id FROM telemetry.span WHERE correlation_id = $1 ORDER BY trace_id LIMIT 1)
            UNION ALL
            SELECT (SELECT s.trace_id FROM telemetry.span AS s WHERE s.correlation_id = $1 AND s.trace_id > mine.trace_id ORDER BY s.trace_id LIMIT 1)
            FROM mine WHERE mine.trace_id IS NOT NULL)

        """;

    /// <summary>
    /// $1 is the correlation ID, $2 the service (or, of a rare one, its traces), $3 the root's name, $4 the least duration, $5 the limit,
    /// $6 and $7 the range, $8 and $9 the last trace of the page before.
    /// </summary>
    public static string List(TraceFilter filter, bool isRareService)
    {
        var sql = new StringBuilder(filter.CorrelationId is null ? "" : Correlated);
        sql.Append("SELECT ").Append(Columns).Append(" FROM telemetry.trace AS t WHERE ");
        sql.Append(filter.CorrelationId is null ? "true" : $"t.trace_id = ANY (ARRAY(SELECT trace_id FROM mine WHERE trace_id IS NOT NULL LIMIT {MaxCorrelated}))");
        Add(filter.Service, isRareService ? "t.trace_id = ANY ($2::bytea[])" : "$2::text = ANY (t.services)");
        Add(filter.Name, "t.root_name = $3::text");
        Add(filter.MinDurationNs, "t.end_unix_nano - t.start_unix_nano >= $4::bigint");
        Add(filter.Error, filter.Error == true ? "t.error_count > 0" : "t.error_count = 0");
        Add(filter.Since, "t.start_unix_nano >= $6::bigint");
        Add(filter.Until, "t.start_unix_nano < $7::bigint");
        Add(filter.After, "(t.start_unix_nano, t.trace_id) < ($8::bigint, $9::bytea)");
        return sql.Append(" ORDER BY t.start_unix_nano DESC, t.trace_id DESC LIMIT $5").ToString();

        void Add(object? asked, string condition)
        {
            if (asked is not null)
                sql.Append(" AND ").Append(condition);
        }
    }
}
