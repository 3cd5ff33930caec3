using Jarvis.Telemetry.Retention;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// Keeps partitions for what is to come, drops those that are too old, and deletes the names that have no points any more.
/// </summary>
internal sealed class MetricPruner(NpgsqlDataSource database, PointPartitions partitions, RetentionWindow retention, IOptions<RetentionOptions> options, TimeProvider time)
{
    // Names lose their last points when a partition goes, and at no other time.
    private bool _namesDue = true;

    /// <summary>Today's partition and the next days', so that no request has to make one.</summary>
    public async Task<long> PrepareAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await partitions.EnsureAsync([now, now.AddDays(1), now.AddDays(2)], cancellationToken);
        return 0;
    }

    /// <summary>Returns how many partitions were dropped.</summary>
    public async Task<long> DropAsync(CancellationToken cancellationToken)
    {
        var dropped = await partitions.DropAsync(retention.Cutoff(), cancellationToken);
        _namesDue |= dropped > 0;
        return dropped;
    }

    /// <summary>Returns how many names were deleted.</summary>
    public async Task<long> DeleteNamesAsync(CancellationToken cancellationToken)
    {
        if (!_namesDue)
            return 0;
        long deleted = 0;
        int? after = 0;
        while (after is { } id)
        {
            (after, var empty) = await FindEmptyAsync(id, cancellationToken);
            if (empty.Length > 0)
                deleted += await DeleteAsync(empty, cancellationToken);
        }
        _namesDue = false;
        return deleted;
    }

    private async Task<(int? Last, int[] Empty)> FindEmptyAsync(int after, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(MetricSql.Empty);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = options.Value.BatchRows });
        command.Parameters.Add(new() { Value = retention.Cutoff().UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.IsDBNull(0) ? null : reader.GetInt32(0), reader.GetFieldValue<int[]>(1));
    }

    // Locked first and looked at again after: a request may just have stored points of one.
    private async Task<int> DeleteAsync(int[] empty, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = new List<int>();
        await using (var claim = new NpgsqlCommand(MetricSql.Lock, connection) { Parameters = { new() { Value = empty } } })
        await using (var reader = await claim.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                locked.Add(reader.GetInt32(0));
        }
        await using var delete = new NpgsqlCommand(MetricSql.Delete, connection) { Parameters = { new() { Value = locked } } };
        var deleted = await delete.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return deleted;
    }
}
