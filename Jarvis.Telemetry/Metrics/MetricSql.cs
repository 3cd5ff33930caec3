namespace Jarvis.Telemetry.Metrics;

internal static class MetricSql
{
    /// <summary>
    /// Stores all points or, when one of their metrics has no name yet, none. The names are locked in shared mode and in one order:
    /// writers of the same metric do not wait for one
    /// another, and none is deleted while points of it are on their way.
    /// </summary>
    public const string Insert =
        """
        WITH given AS (SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::double precision[], $4::jsonb[]) AS p (name, at, value, tags)),
        known AS MATERIALIZED (SELECT id, name FROM telemetry.metric WHERE name = ANY ($5::text[]) ORDER BY name FOR KEY SHARE)
        INSERT INTO telemetry.point (metric_id, at, value, tags) SELECT id, at, value, tags FROM given JOIN known USING (name)
        WHERE (SELECT count(*) FROM known) = cardinality($5::text[])
        """;

    public const string Unknown = "SELECT name FROM unnest($1::text[]) AS n (name) WHERE NOT EXISTS (SELECT FROM telemetry.metric AS m WHERE m.name = n.name)";

    /// <summary>
    /// Sorted, so that two requests with the same new names wait for one another in one order. Adds none when they would be more than are
    /// allowed.
    /// </summary>
    public const string AddNames =
        """
        INSERT INTO telemetry.metric (name) SELECT name FROM unnest($1::text[]) AS n (name)
        WHERE (SELECT count(*) FROM telemetry.metric) + cardinality($1::text[]) <= $2 ORDER BY name
        ON CONFLICT (name) DO NOTHING
        """;

    public const string Count = "SELECT count(*) FROM telemetry.metric";

    /// <summary>A name without points was made by a request whose points could not be stored.</summary>
    public const string List =
        """
        WITH page AS (SELECT id, name, created_at FROM telemetry.metric ORDER BY name LIMIT $1 OFFSET $2)
        SELECT name, coalesce(first.at, created_at), coalesce(last.at, created_at) FROM page
        LEFT JOIN LATERAL (SELECT at FROM telemetry.point WHERE metric_id = page.id ORDER BY at LIMIT 1) AS first ON true
        LEFT JOIN LATERAL (SELECT at FROM telemetry.point WHERE metric_id = page.id ORDER BY at DESC LIMIT 1) AS last ON true
        ORDER BY name
        """;

    /// <summary>The next metrics by id, and which of them have had no points since a time.</summary>
    public const string Empty =
        """
        WITH page AS (SELECT id, created_at FROM telemetry.metric WHERE id > $1 ORDER BY id LIMIT $2)
        SELECT (SELECT max(id) FROM page),
            ARRAY(SELECT id FROM page WHERE created_at < $3 AND NOT EXISTS (SELECT FROM telemetry.point AS p WHERE p.metric_id = page.id))
        """;

    /// <summary>
    /// Once this has them, nobody stores points of these metrics; what was stored before is seen by the statement that follows.
    /// </summary>
    public const string Lock = "SELECT id FROM telemetry.metric WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED";

    public const string Delete = "DELETE FROM telemetry.metric AS m WHERE id = ANY ($1) AND NOT EXISTS (SELECT FROM telemetry.point AS p WHERE p.metric_id = m.id)";
}
