namespace Jarvis.Telemetry.Ingestion;

internal static class SpanSql
{
    private const string Columns =
        "trace_id, span_id, parent_span_id, service, instance_id, scope, name, kind, started_at, start_unix_nano, duration_ns, status, status_message, correlation_id, attributes, events, links";

    /// <summary>Lives as long as its connection and is emptied by each commit: nothing for autovacuum to do.</summary>
    public const string CreateStaging =
        $"CREATE TEMPORARY TABLE incoming ON COMMIT DELETE ROWS AS SELECT {Columns} FROM telemetry.span WITH NO DATA";

    public const string Copy = $"COPY incoming ({Columns}) FROM STDIN (FORMAT BINARY)";

    /// <summary>
    /// Sorted by key, so that two replicas with overlapping batches wait for one another instead of deadlocking. Only spans that are new are
    /// counted into their trace. A trace's root is its span without parent, or the earliest as long as there is none.
    /// </summary>
    public const string Move =
        $"""
        WITH fresh AS (
            INSERT INTO telemetry.span ({Columns}) SELECT {Columns} FROM incoming ORDER BY trace_id, span_id
            ON CONFLICT (trace_id, span_id) DO NOTHING
            RETURNING trace_id, span_id, parent_span_id, service, name, start_unix_nano, duration_ns, status, correlation_id
        ), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY trace_id ORDER BY parent_span_id IS NOT NULL, start_unix_nano, span_id) AS rank FROM fresh
        )
        INSERT INTO telemetry.trace AS t (
            trace_id, start_unix_nano, end_unix_nano, span_count, error_count, services, correlation_id, root_name, root_service, root_start, root_is_top)
        SELECT trace_id, min(start_unix_nano), max(start_unix_nano + duration_ns), count(*), count(*) FILTER (WHERE status = 2),
            (array_agg(DISTINCT service))[:100], min(correlation_id), min(name) FILTER (WHERE rank = 1), min(service) FILTER (WHERE rank = 1),
            min(start_unix_nano) FILTER (WHERE rank = 1), bool_or(parent_span_id IS NULL) FILTER (WHERE rank = 1)
        FROM ranked GROUP BY trace_id ORDER BY trace_id
        ON CONFLICT (trace_id) DO UPDATE SET
            start_unix_nano = least(t.start_unix_nano, excluded.start_unix_nano),
            end_unix_nano = greatest(t.end_unix_nano, excluded.end_unix_nano),
            span_count = t.span_count + excluded.span_count,
            error_count = t.error_count + excluded.error_count,
            services = CASE WHEN t.services @> excluded.services THEN t.services
                ELSE (SELECT (array_agg(DISTINCT s))[:100] FROM unnest(t.services || excluded.services) AS s) END,
            correlation_id = coalesce(t.correlation_id, excluded.correlation_id),
            (root_name, root_service, root_start, root_is_top) = (
                SELECT c.name, c.service, c.start, c.top
                FROM (VALUES (t.root_name, t.root_service, t.root_start, t.root_is_top),
                    (excluded.root_name, excluded.root_service, excluded.root_start, excluded.root_is_top)) AS c (name, service, start, top)
                ORDER BY NOT c.top, c.start LIMIT 1)
        """;
}
