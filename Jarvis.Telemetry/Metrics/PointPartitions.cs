using System.Globalization;
using Jarvis.Telemetry.Retention;
using Npgsql;

namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// Makes the partitions of <c>telemetry.point</c> and drops those that are too old. Any number of replicas may do both at once: they take
/// turns by an advisory lock, and each looks
/// at what is there when it is its turn. Making one stops nobody (it is attached when it is ready); dropping one waits for who reads it,
/// three seconds at the most.
/// </summary>
internal sealed class PointPartitions(NpgsqlDataSource database, RetentionWindow retention)
{
    // One that another replica is dropping has no bounds any more.
    private const string List =
        """
        SELECT c.relname, substring(bound FROM $r$FROM \('([^']+)'\)$r$)::timestamptz, substring(bound FROM $r$TO \('([^']+)'\)$r$)::timestamptz
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid CROSS JOIN LATERAL pg_get_expr(c.relpartbound, c.oid) AS bound
        WHERE i.inhparent = 'telemetry.point'::regclass AND bound IS NOT NULL
        """;

    private const string TakeTurn = "SET LOCAL lock_timeout = '3s'; SELECT pg_advisory_xact_lock(hashtextextended('jarvis.telemetry.point', 0))";

    private volatile IReadOnlyList<PointPartition> _known = [];

    /// <summary>
    /// Sees to it that there is a partition for each of <paramref name="times"/>. Asks the database only when one is not known.
    /// </summary>
    public async Task EnsureAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancellationToken)
    {
        var known = _known;
        var missing = times.Where(at => !known.Any(partition => partition.Covers(at))).ToList();
        if (missing.Count == 0)
            return;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, TakeTurn, cancellationToken);
        var present = await ListAsync(connection, cancellationToken);
        foreach (var at in missing)
        {
            if (present.Exists(partition => partition.Covers(at)))
                continue;
            var partition = PointPartition.Missing(at, PointPartition.Width(retention.Days), present);
            await ExecuteAsync(connection, Create(partition), cancellationToken);
            present.Add(partition);
        }
        await transaction.CommitAsync(cancellationToken);
        _known = present;
    }

    /// <summary>What is known may be wrong: another replica has dropped a partition.</summary>
    public void Forget() => _known = [];

    /// <summary>Drops the partitions whose points are all older than <paramref name="cutoff"/>; returns how many.</summary>
    public async Task<int> DropAsync(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!(await ListAsync(connection, cancellationToken)).Exists(partition => partition.Until <= cutoff))
            return 0;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, TakeTurn, cancellationToken);
        var present = await ListAsync(connection, cancellationToken);
        var old = present.FindAll(partition => partition.Until <= cutoff);
        foreach (var partition in old)
            await ExecuteAsync(connection, $"DROP TABLE telemetry.{partition.Name}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _known = present.FindAll(partition => partition.Until > cutoff);
        return old.Count;
    }

    // The index holds the values, so that a history reads no row for them.
    private static string Create(PointPartition partition) => string.Create(CultureInfo.InvariantCulture,
        $"""
        CREATE TABLE telemetry.{partition.Name} (LIKE telemetry.point);
        CREATE INDEX ON telemetry.{partition.Name} (metric_id, at) INCLUDE (value);
        ALTER TABLE telemetry.point ATTACH PARTITION telemetry.{partition.Name}
            FOR VALUES FROM ('{partition.From.UtcDateTime:yyyy-MM-dd HH:mm:ss}+00') TO ('{partition.Until.UtcDateTime:yyyy-MM-dd HH:mm:ss}+00')
        """);

    private static async Task<List<PointPartition>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(List, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var partitions = new List<PointPartition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            // Without a begin it holds everything that is older.
            partitions.Add(new(reader.GetString(0), reader.IsDBNull(1) ? DateTimeOffset.MinValue : reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }
        return partitions;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
