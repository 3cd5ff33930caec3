using System.Threading.Channels;
using Jarvis.Gateway.Identity;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Gateway.Audit;

/// <summary>
/// Entries in <c>identity.audit</c>. What changed something is there before it is answered, in its own transaction where there is one. Refusals are written in batches
/// afterwards, so that they answer alike: the queue is bounded, and what finds it full, or Postgres away for too long, goes to the log.
/// </summary>
internal sealed partial class AuditLog(NpgsqlDataSource database, MigrationRunner migrations, TimeProvider time, ILogger<AuditLog> logger) : BackgroundService, IAuditLog
{
    public const string Success = "success";
    public const string Refused = "refused";
    public const string Failed = "failed";

    private const int Capacity = 4_096;
    private const int BatchRows = 200;
    private const int Attempts = 30;

    private const string Sql =
        """
        INSERT INTO identity.audit (id, at, action, outcome, account_id, subject, target, detail, address, user_agent, correlation_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    private readonly Channel<Row> _refusals = Channel.CreateBounded<Row>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    public async Task WriteAsync(HttpContext context, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Outcome == Refused)
            Refuse(context, entry);
        else
            await database.RunAsync(Sql, Of(context, entry, null).Values, cancellationToken);
    }

    /// <summary>Within the transaction of what it speaks of.</summary>
    public Task WriteAsync(NpgsqlConnection connection, HttpContext context, AuditEntry entry, CancellationToken cancellationToken) =>
        connection.RunAsync(Sql, Of(context, entry, null).Values, cancellationToken);

    /// <summary>Within a transaction that no request began.</summary>
    public Task WriteAsync(NpgsqlConnection connection, AuditEntry entry, CancellationToken cancellationToken) =>
        connection.RunAsync(Sql, new Row(Now(), entry, null, new(null, null, null)).Values, cancellationToken);

    /// <summary>Takes note of a refusal, in no time.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="entry">What was refused.</param>
    /// <param name="subject">Who the request claims to be from, where no account is known.</param>
    public void Refuse(HttpContext context, AuditEntry entry, string? subject = null)
    {
        var row = Of(context, entry, subject);
        if (!_refusals.Writer.TryWrite(row))
            LogUnwritten(entry.Action, entry.Outcome, entry.Target, row.Source.CorrelationId);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            await migrations.Applied.WaitAsync(stoppingToken);
            while (await _refusals.Reader.WaitToReadAsync(stoppingToken))
                await FlushAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            while (_refusals.Reader.TryPeek(out _))
                await FlushAsync(stoppingToken);
        }
    }

    // What it has taken it writes or logs; a stop only ends its patience.
    private async Task FlushAsync(CancellationToken stoppingToken)
    {
        List<Row> rows = [];
        while (rows.Count < BatchRows && _refusals.Reader.TryRead(out var row))
            rows.Add(row);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var batch = database.CreateBatch();
                foreach (var row in rows)
                    batch.BatchCommands.Add(Command(row));
                await batch.ExecuteNonQueryAsync(CancellationToken.None);
                return;
            }
            catch (Exception exception)
            {
                // Of whatever type: a row that cannot be written must not end the process, nor take the others with it.
                var broken = (exception is not (NpgsqlException or TimeoutException or IOException)) || exception is PostgresException { IsTransient: false };
                if (broken && rows.Count > 1)
                {
                    foreach (var row in rows)
                        await FlushOneAsync(row);
                    return;
                }
                if (broken || attempt == Attempts || stoppingToken.IsCancellationRequested)
                {
                    foreach (var row in rows)
                        LogUnwritten(row.Entry.Action, row.Entry.Outcome, row.Entry.Target, row.Source.CorrelationId);
                    return;
                }
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FlushOneAsync(Row row)
    {
        try
        {
            await using var batch = database.CreateBatch();
            batch.BatchCommands.Add(Command(row));
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            LogUnwritten(row.Entry.Action, row.Entry.Outcome, row.Entry.Target, row.Source.CorrelationId);
        }
    }

    private static NpgsqlBatchCommand Command(Row row)
    {
        var command = new NpgsqlBatchCommand(Sql);
        foreach (var value in row.Values)
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        return command;
    }

    private Row Of(HttpContext context, AuditEntry entry, string? subject)
    {
        var account = entry.AccountId ?? (context.Caller() is { Kind: not CallerKind.Service } caller ? caller.AccountId : null);
        return new(Now(), entry with { AccountId = account }, subject, RequestSource.Of(context));
    }

    private (Guid, DateTimeOffset) Now() => time.GetUtcNow() is var now ? (Guid.CreateVersion7(now), now) : default;

    [LoggerMessage(EventId = 440, Level = LogLevel.Warning, Message = "Not in the audit log: {Action} {Outcome} {Target} (correlation {Correlation})")]
    private partial void LogUnwritten(string action, string outcome, string? target, string? correlation);

    private sealed record Row((Guid Id, DateTimeOffset At) Key, AuditEntry Entry, string? Subject, RequestSource Source)
    {
        private static string? Text(string? text) => text is null ? null : RequestSource.Readable(text);

        public object?[] Values =>
            [Key.Id, Key.At, Entry.Action, Entry.Outcome, Entry.AccountId, Text(Subject), Text(Entry.Target), Text(Entry.Detail), Source.Address, Source.UserAgent, Source.CorrelationId];
    }
}
