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

    // A session by cookie moves its end on with use; one by token does that with each refresh.
    private const string SessionsSql =
        """
        UPDATE identity.session s SET last_used_at = greatest(s.last_used_at, u.at),
            expires_at = CASE WHEN s.kind = 'cookie' THEN greatest(s.expires_at, least(s.max_expires_at, u.at + $3)) ELSE s.expires_at END
        FROM (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, at) ORDER BY id) u WHERE s.id = u.id AND s.revoked_at IS NULL AND s.expires_at > u.at
        """;

    private const string KeysSql =
        """
        UPDATE identity.api_key k SET last_used_at = greatest(k.last_used_at, u.at)
        FROM (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(id, at) ORDER BY id) u WHERE k.id = u.id
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
        try
        {
            await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
            var sessions = used.Where(use => use.Key.Kind == UsageKind.Session).ToArray();
            var keys = used.Where(use => use.Key.Kind == UsageKind.ApiKey).ToArray();
            if (sessions.Length > 0)
                await connection.RunAsync(SessionsSql, [.. Arrays(sessions), TimeSpan.FromDays(options.Value.SessionIdleDays)], CancellationToken.None);
            if (keys.Length > 0)
                await connection.RunAsync(KeysSql, Arrays(keys), CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogLost(used.Count, exception.Message);
        }
    }

    private static object[] Arrays(KeyValuePair<(UsageKind Kind, Guid Id), DateTimeOffset>[] used) =>
        [used.Select(use => use.Key.Id).ToArray(), used.Select(use => use.Value).ToArray()];

    [LoggerMessage(EventId = 434, Level = LogLevel.Warning, Message = "The last use of {Count} sessions and keys could not be written ({Reason})")]
    private partial void LogLost(int count, string reason);
}
