using System.Threading.Channels;
using Npgsql;

namespace Jarvis.Gateway.Audit;

/// <summary>Writes entries.</summary>
internal interface IAuditRows
{
    Task WriteAsync(IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken);
}

/// <summary>Writes entries to Postgres, in one round trip.</summary>
internal sealed class AuditRows(NpgsqlDataSource database) : IAuditRows
{
    public async Task WriteAsync(IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken)
    {
        await using var batch = database.CreateBatch();
        foreach (var row in rows)
        {
            var command = new NpgsqlBatchCommand(AuditRow.Sql);
            foreach (var value in row.Values)
                command.Parameters.Add(new() { Value = value ?? DBNull.Value });
            batch.BatchCommands.Add(command);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>
/// Entries that wait to be written in batches: a bounded number, for half a minute while Postgres is away, and all of them at a stop.
/// What cannot be written is logged.
/// </summary>
internal sealed partial class AuditQueue(IAuditRows rows, TimeProvider time, ILogger logger, int capacity)
{
    private const int BatchRows = 200;
    private const int Attempts = 30;

    private readonly Channel<AuditRow> _waiting = Channel.CreateBounded<AuditRow>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Takes an entry; false when it is full.</summary>
    public bool TryAdd(AuditRow row) => _waiting.Writer.TryWrite(row);

    /// <summary>Says that an entry is nowhere but in the log.</summary>
    public void LogUnwritten(AuditRow row) =>
        LogUnwritten(row.Entry.Action, row.Entry.Outcome, row.Entry.AccountId, row.Entry.Target, row.Count, row.Source.CorrelationId);

    /// <summary>Writes what comes, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            await FlushAsync(stoppingToken);
    }

    /// <summary>Writes what is left, trying once.</summary>
    public async Task DrainAsync()
    {
        while (_waiting.Reader.TryPeek(out _))
            await FlushAsync(new CancellationToken(canceled: true));
    }

    // What it has taken it writes or logs; a stop only ends its patience.
    private async Task FlushAsync(CancellationToken stoppingToken)
    {
        List<AuditRow> taken = [];
        while (taken.Count < BatchRows && _waiting.Reader.TryRead(out var row))
            taken.Add(row);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await rows.WriteAsync(taken, CancellationToken.None);
                return;
            }
            catch (Exception exception)
            {
                // Of whatever type: a row that cannot be written must not end the process, nor take the others with it.
                var broken = (exception is not (NpgsqlException or TimeoutException or IOException))
                    || exception is PostgresException { IsTransient: false };
                if (broken && taken.Count > 1)
                {
                    foreach (var row in taken)
                        await FlushOneAsync(row);
                    return;
                }
                if (broken || attempt == Attempts || stoppingToken.IsCancellationRequested)
                {
                    taken.ForEach(LogUnwritten);
                    return;
                }
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FlushOneAsync(AuditRow row)
    {
        try
        {
            await rows.WriteAsync([row], CancellationToken.None);
        }
        catch (Exception)
        {
            LogUnwritten(row);
        }
    }

    [LoggerMessage(EventId = 440, Level = LogLevel.Warning,
        Message = "Not in the audit log: {Action} {Outcome} by {Account} {Target} x {Count} (correlation {Correlation})")]
    private partial void LogUnwritten(string action, string outcome, Guid? account, string? target, int count, string? correlation);
}
