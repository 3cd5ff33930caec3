using Jarvis.ServiceDefaults.Data;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Telemetry.Metrics;

/// <summary>Metric points in Postgres.</summary>
public sealed class MetricStore(NpgsqlDataSource database)
{
    // Sorted by name, so that concurrent requests lock the same metrics in the same order.
    private const string Insert =
        """
        WITH given AS (SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::double precision[], $4::jsonb[]) AS p (name, at, value, tags)),
        metrics AS (
            INSERT INTO telemetry.metric AS m (name, points, first_seen_at, last_seen_at)
            SELECT name, count(*), min(at), max(at) FROM given GROUP BY name ORDER BY name
            ON CONFLICT (name) DO UPDATE SET points = m.points + excluded.points,
                first_seen_at = least(m.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(m.last_seen_at, excluded.last_seen_at)
            RETURNING id, name
        )
        INSERT INTO telemetry.metric_point (metric_id, at, value, tags) SELECT id, at, value, tags FROM given JOIN metrics USING (name)
        """;

    private const string List =
        "SELECT name, points, first_seen_at, last_seen_at, count(*) OVER () FROM telemetry.metric ORDER BY name LIMIT $1 OFFSET $2";

    /// <summary>Ends when all of <paramref name="points"/> are committed.</summary>
    public async Task AddAsync(IReadOnlyCollection<MetricPoint> points, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(Insert);
        command.Parameters.Add(new() { Value = points.Select(point => point.Name).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.At.UtcDateTime).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.Value).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.Tags).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Null when no metric has this name.</summary>
    public async Task<IReadOnlyList<MetricBucket>?> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCorrelatedCommand("SELECT id FROM telemetry.metric WHERE name = $1");
        find.Parameters.Add(new() { Value = query.MetricName });
        if (await find.ExecuteScalarAsync(cancellationToken) is not int id)
            return null;
        await using var command = database.CreateCorrelatedCommand(HistorySql.For(query.Aggregate));
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = query.Since.UtcDateTime });
        command.Parameters.Add(new() { Value = query.Until.UtcDateTime });
        command.Parameters.Add(new() { Value = query.Step });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var buckets = new List<MetricBucket>();
        while (await reader.ReadAsync(cancellationToken))
            buckets.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetDouble(1), reader.GetInt64(2)));
        return buckets;
    }

    public async Task<(IReadOnlyList<MetricName> Metrics, int Total)> NamesAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(List);
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = offset });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (metrics, total) = (new List<MetricName>(), 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            metrics.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)));
            total = (int)reader.GetInt64(4);
        }
        return (metrics, total);
    }
}
