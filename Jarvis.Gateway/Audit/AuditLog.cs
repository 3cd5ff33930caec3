using Jarvis.Gateway.Edge;
using Jarvis.Gateway.Identity;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Gateway.Audit;

/// <summary>
/// Entries in <c>identity.audit</c>. What changed something here is there before it is answered, in its own transaction where there is
/// one. What is done by a service is noted, and written in batches right afterwards; so are refusals, that they answer alike. The queues
/// are bounded: a note that finds its queue full is written at once, a refusal goes to the log.
/// </summary>
internal sealed partial class AuditLog(NpgsqlDataSource database, IAuditRows rows, MigrationRunner migrations, TimeProvider time,
    ILogger<AuditLog> logger) : BackgroundService, IAuditLog
{
    public const string Success = "success";
    public const string Refused = "refused";
    public const string Failed = "failed";

    private const int Capacity = 4_096;

    private static readonly TimeSpan LookForRepeats = TimeSpan.FromSeconds(5);

    private readonly AuditQueue _refusals = new(rows, time, logger, Capacity);
    private readonly AuditQueue _notes = new(rows, time, logger, Capacity);
    private readonly FoldedRefusals _folded = new(time);
    private long _saidFullAt;

    public async Task WriteAsync(HttpContext context, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Outcome == Refused)
            Refuse(context, entry);
        else
            await database.RunAsync(AuditRow.Sql, AuditRow.Of(context, entry, null, time).Values, cancellationToken);
    }

    /// <summary>Within the transaction of what it speaks of.</summary>
    public Task WriteAsync(NpgsqlConnection connection, HttpContext context, AuditEntry entry, CancellationToken cancellationToken) =>
        connection.RunAsync(AuditRow.Sql, AuditRow.Of(context, entry, null, time).Values, cancellationToken);

    /// <summary>Within a transaction that no request began.</summary>
    public Task WriteAsync(NpgsqlConnection connection, AuditEntry entry, CancellationToken cancellationToken) =>
        connection.RunAsync(AuditRow.Sql, AuditRow.New(entry, new(null, null, null), time).Values, cancellationToken);

    /// <summary>Takes note of a refusal, in no time.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="entry">What was refused.</param>
    /// <param name="subject">Who the request claims to be from, where no account is known.</param>
    public void Refuse(HttpContext context, AuditEntry entry, string? subject = null)
    {
        var source = context.Caller() is { Kind: not CallerKind.Service } caller ? caller.AccountId.ToString()
            : ClientNetwork.Of(context.Connection.RemoteIpAddress);
        if (_folded.Add(source, AuditRow.Of(context, entry, subject, time)) is { } row)
            Refuse(row);
    }

    public async ValueTask NoteAsync(HttpContext context, AuditEntry entry)
    {
        if (entry.Outcome == Refused)
        {
            Refuse(context, entry);
            return;
        }
        var row = AuditRow.Of(context, entry, null, time);
        if (_notes.TryAdd(row))
            return;
        SayFull();
        try
        {
            await rows.WriteAsync([row], CancellationToken.None);
        }
        catch (Exception)
        {
            // Of whatever type: what it speaks of is done, and answered.
            _notes.LogUnwritten(row);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            await migrations.Applied.WaitAsync(stoppingToken);
            await Task.WhenAll(_refusals.RunAsync(stoppingToken), _notes.RunAsync(stoppingToken), CountRepeatsAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            foreach (var row in _folded.TakeRepeats(all: true))
                Refuse(row);
            await _notes.DrainAsync();
            await _refusals.DrainAsync();
        }
    }

    private async Task CountRepeatsAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookForRepeats, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var row in _folded.TakeRepeats(all: false))
                Refuse(row);
        }
    }

    private void Refuse(AuditRow row)
    {
        if (!_refusals.TryAdd(row))
            _refusals.LogUnwritten(row);
    }

    private void SayFull()
    {
        var (now, before) = (time.GetTimestamp(), Interlocked.Read(ref _saidFullAt));
        if ((before == 0 || time.GetElapsedTime(before, now) > TimeSpan.FromMinutes(1))
            && Interlocked.CompareExchange(ref _saidFullAt, now, before) == before)
            LogFull();
    }

    [LoggerMessage(EventId = 443, Level = LogLevel.Warning,
        Message = "The queue of the audit log is full: its entries are written one by one, and requests wait for that. Said once a minute")]
    private partial void LogFull();
}
