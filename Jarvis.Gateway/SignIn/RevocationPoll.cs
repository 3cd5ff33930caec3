using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// Looks twice a second at what was revoked, so that every replica knows within a second with Redis gone too; services are told again.
/// While Postgres does not answer, nothing can be revoked.
/// </summary>
internal sealed partial class RevocationPoll(
    [FromKeyedServices(PostgresPools.Reserved)] NpgsqlDataSource database, MigrationRunner migrations, Revoked revoked,
    VerifiedCallers callers, MessageBus bus, IOptions<SigningOptions> options, TimeProvider time, ILogger<RevocationPoll> logger)
    : BackgroundService
{
    private const int PageRows = 10_000;
    private const int Together = 1_000;

    // Transactions that began earlier may be committed later, and the clocks of two replicas may differ.
    private static readonly TimeSpan LookBack = TimeSpan.FromSeconds(60);

    private HashSet<long> _seen = [];
    private DateTimeOffset? _since;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.RevocationPollMs), time);
        var failing = false;
        do
        {
            try
            {
                await LookAsync(stoppingToken);
                if (failing)
                    callers.Clear();
                failing = false;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                if (!failing)
                    LogFailing(exception.Message);
                failing = true;
            }
        }
        while (await tick.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // What a token that is still good may have outlived, the first time.
        var rows = await ReadAsync(_since ?? now - Revoked.Kept, cancellationToken);
        var fresh = rows.Where(row => !_seen.Contains(row.Id)).Select(row => row.Message).ToArray();
        var first = _since is null;
        // All of them hold here before anybody else is told: while Redis hangs, telling takes its time.
        revoked.AddAll(fresh);
        _since = now - LookBack;
        _seen = [.. rows.Select(row => row.Id)];
        if (!first)
            await TellAsync(fresh, cancellationToken);
    }

    /// <summary>All rows from then on, a page after the other.</summary>
    private async Task<List<(long Id, RevokedMessage Message)>> ReadAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var rows = new List<(long Id, RevokedMessage Message)>();
        var (at, id, read) = (since, long.MinValue, PageRows);
        while (read == PageRows)
        {
            read = 0;
            await using var command = database.CreateCommand(
                "SELECT id, account_id, session_id, at FROM identity.revocation WHERE at >= $1 AND (at, id) > ($1, $2) ORDER BY at, id LIMIT $3");
            command.Parameters.Add(new() { Value = at });
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = PageRows });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            for (; await reader.ReadAsync(cancellationToken); read++)
            {
                (id, at) = (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(3));
                rows.Add((id, new(Id(reader, 1), Id(reader, 2), at)));
            }
        }
        return rows;
    }

    /// <summary>Together, since each waits half a second at most; once Redis takes none it has none of the others either.</summary>
    private async Task TellAsync(RevokedMessage[] messages, CancellationToken cancellationToken)
    {
        foreach (var part in messages.Chunk(Together))
        {
            var taken = await Task.WhenAll(part.Select(message => bus.PublishAsync(Revoked.Topic, message, cancellationToken)));
            if (!taken.Contains(true))
                return;
        }
    }

    private static Guid? Id(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    [LoggerMessage(EventId = 444, Level = LogLevel.Warning,
        Message = "What was revoked cannot be read ({Reason}); tried again all the time. Said once until it can be read again")]
    private partial void LogFailing(string reason);
}
