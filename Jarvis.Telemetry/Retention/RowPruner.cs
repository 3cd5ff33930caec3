using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Telemetry.Retention;

/// <summary>Deletes rows that are older than the retention, in small statements, the oldest first, until there are none.</summary>
internal sealed class RowPruner(NpgsqlDataSource database, RetentionWindow retention, IOptions<RetentionOptions> options, TimeProvider time)
{
    public Task<long> SpansAsync(CancellationToken cancellationToken) => RepeatAsync(PruneSql.Spans, UnixTime.Nanos(retention.Cutoff()), cancellationToken);

    public Task<long> TracesAsync(CancellationToken cancellationToken) => RepeatAsync(PruneSql.Traces, UnixTime.Nanos(retention.Cutoff()), cancellationToken);

    public Task<long> HostsAsync(CancellationToken cancellationToken) => RepeatAsync(PruneSql.Hosts, retention.Cutoff().UtcDateTime, cancellationToken);

    /// <summary>Of yesterday something may still be on its way.</summary>
    public Task<long> UsesAsync(CancellationToken cancellationToken) =>
        RepeatAsync(PruneSql.Uses, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-1), cancellationToken);

    private async Task<long> RepeatAsync(string sql, object cutoff, CancellationToken cancellationToken)
    {
        long total = 0, rows;
        do
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.Add(new() { Value = cutoff });
            command.Parameters.Add(new() { Value = options.Value.BatchRows });
            rows = await command.ExecuteNonQueryAsync(cancellationToken);
            total += rows;
        }
        while (rows == options.Value.BatchRows);
        return total;
    }
}
