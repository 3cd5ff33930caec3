using Jarvis.Gateway.Audit;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Gateway.Identity;

/// <summary>Deletes what has had its time, in small statements; replicas skip each other's rows.</summary>
internal sealed partial class IdentityPruner(
    NpgsqlDataSource database, MigrationRunner migrations, IOptions<AuthOptions> auth, IOptions<LockoutOptions> lockout, IOptions<AuditOptions> audit, TimeProvider time, ILogger<IdentityPruner> logger)
    : BackgroundService
{
    private const int BatchRows = 1_000;
    private const string AuditTable = "audit";

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            foreach (var (table, condition, age) in Rules())
            {
                try
                {
                    while (await PruneAsync(table, condition, time.GetUtcNow() - age, stoppingToken) == BatchRows)
                    {
                        // There may be more.
                    }
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(table, exception.Message);
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private (string Table, string Condition, TimeSpan Age)[] Rules()
    {
        var ended = TimeSpan.FromDays(auth.Value.KeepEndedDays);
        return
        [
            // Tokens go with their session; spent ones of a living session once a first use of them would be too late anyhow.
            ("session", "expires_at < $1 OR revoked_at < $1", ended),
            ("refresh_token", "expires_at < $1", Day),
            ("api_key", "expires_at < $1 OR revoked_at < $1", ended),
            ("invitation", "expires_at < $1", ended),
            ("email_link", "expires_at < $1", Day),
            ("ws_ticket", "expires_at < $1", TimeSpan.Zero),
            ("throttle", "updated_at < $1 AND blocked_until < $1", Day),
            ("familiar_network", "seen_at < $1", TimeSpan.FromDays(Math.Max(1, lockout.Value.FamiliarDays))),
            // Longer than any access token lives.
            ("revocation", "at < $1", Day),
            (AuditTable, "at < $1", TimeSpan.FromDays(audit.Value.RetentionDays)),
        ];
    }

    private Task<int> PruneAsync(string table, string condition, DateTimeOffset before, CancellationToken cancellationToken) =>
        database.InTransactionAsync(async connection =>
        {
            if (table == AuditTable)
                await connection.RunAsync("SELECT set_config('jarvis.audit_retention', 'on', true)", [], cancellationToken);
            return await connection.RunAsync(
                $"DELETE FROM identity.{table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM identity.{table} WHERE {condition} LIMIT {BatchRows} FOR UPDATE SKIP LOCKED))",
                [before], cancellationToken);
        }, cancellationToken);

    [LoggerMessage(EventId = 435, Level = LogLevel.Warning, Message = "identity.{Table} could not be pruned ({Reason}); tried again in the next round")]
    private partial void LogFailed(string table, string reason);
}
