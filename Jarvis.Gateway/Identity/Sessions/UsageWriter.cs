using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>Collects what was used, and writes it once per interval. With more than it keeps, further ones are left out until then: a last use is told a little late.</summary>
internal sealed partial class UsageWriter(
    NpgsqlDataSource database, MigrationRunner migrations, IOptions<AuthOptions> options, TimeProvider time, ILogger<UsageWriter> logger) : BackgroundService, IUsage
{
    private const int Capacity = 20_000;

    private const int BatchRows = 1_000;

    // A session by cookie moves its end on with use; one by token does that with each refresh. Rows are locked by id, as whoever ends
    // sessions does.
    private const string SessionsSql =
        """
        UPDATE identity.session s SET last_used_at = greatest(s.last_used_at, u.at),
            expires_at = CASE WHEN s.kind = 'cookie' THEN greatest(s.expires_at, least(s.max_expires_at, u.at + $3)) ELSE s.expires_at END
        FROM (
            SELECT l.id, u.at FROM identity.session l JOIN unnest($1::uuid[], $2::timestamptz[]) AS u(id, at) ON u.id = l.id
            WHERE l.revoked_at IS NULL AND l.expires_at > u.at ORDER BY l.id FOR UPDATE OF l) u
        WHERE s.id = u.id
        """;

    private const string KeysSql =
        """
        UPDATE identity.api_key k SET last_used_at = greatest(k.last_used_at, u.at)
        FROM (
            SELECT l.id, u.at FROM identity.api_key l JOIN unnest($1::uuid[], $2::timestamptz[]) AS u(id, at) ON u.id = l.id
            WHERE l.revoked_at IS NULL ORDER BY l.id FOR UPDATE OF l) u
        WHERE k.id = u.id
        """;

    private readonly Lock _gate = new();
    private Dictionary<(UsageKind Kind, Guid Id), DateTimeOffset> _used = [];

    public void Touch(UsageKind kind, Guid id)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_used.Count < Capacity || _used.ContainsKey((kind, id)))
                _used[(kind, id)] = now;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        try
        {
            await migrations.Applied.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.UsageFlushSeconds), time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await FlushAsync();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            if (migrations.Applied.IsCompletedSuccessfully)
                await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        Dictionary<(UsageKind Kind, Guid Id), DateTimeOffset> used;
        lock (_gate)
        {
            if (_used.Count == 0)
                return;
            (used, _used) = (_used, []);
        }
        var failures = 0;
        string? reason = null;
        foreach (var batch in used.GroupBy(use => use.Key.Kind).SelectMany(kind => kind.Chunk(BatchRows)))
        {
            try
            {
                await WriteAsync(batch);
            }
            catch (Exception exception)
            {
                // Of whatever type, a deadlock or Postgres gone: the next round writes them, if they have not been used again by then.
                (failures, reason) = (failures + batch.Length, exception.Message);
                KeepForNext(batch);
            }
        }
        if (reason is not null)
            LogLate(failures, reason);
    }

    private async Task WriteAsync(KeyValuePair<(UsageKind Kind, Guid Id), DateTimeOffset>[] batch)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await (batch[0].Key.Kind == UsageKind.Session
            ? connection.RunAsync(SessionsSql, [.. Arrays(batch), TimeSpan.FromDays(options.Value.SessionIdleDays)], CancellationToken.None)
            : connection.RunAsync(KeysSql, Arrays(batch), CancellationToken.None));
    }

    private void KeepForNext(KeyValuePair<(UsageKind Kind, Guid Id), DateTimeOffset>[] batch)
    {
        lock (_gate)
        {
            foreach (var (use, at) in batch)
            {
                if (_used.Count < Capacity)
                    _used.TryAdd(use, at);
            }
        }
    }

    private static object[] Arrays(KeyValuePair<(UsageKind Kind, Guid Id), DateTimeOffset>[] used) =>
        [used.Select(use => use.Key.Id).ToArray(), used.Select(use => use.Value).ToArray()];

    [LoggerMessage(EventId = 434, Level = LogLevel.Warning,
        Message = "The last use of {Count} sessions and keys could not be written yet ({Reason})")]
    private partial void LogLate(int count, string reason);
}
