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
    private static readonly TimeSpan SpentTokens = TimeSpan.FromHours(6);

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
                    while (await PruneAsync(table, condition, age, stoppingToken) == BatchRows)
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
            // Each condition has an index of its own, which an OR of two could not use.
            ("session", "expires_at < now() - $1", ended),
            ("session", "revoked_at < now() - $1", ended),
            // Tokens go with their session; of a living one some hours after they were spent: older ones are told by their tag.
            ("refresh_token", "expires_at < now() - $1", Day),
            ("refresh_token", "spent_at < now() - $1", SpentTokens),
            ("api_key", "expires_at < now() - $1", ended),
            ("api_key", "revoked_at < now() - $1", ended),
            ("invitation", "expires_at < now() - $1", ended),
            ("email_link", "expires_at < now() - $1", Day),
            ("ws_ticket", "expires_at < now() - $1", TimeSpan.Zero),
            ("throttle", "updated_at < now() - $1 AND blocked_until < now() - $1", Day),
            ("mail_recipient", "sent_at < now() - $1", Day),
            ("familiar_network", "seen_at < now() - $1", TimeSpan.FromDays(Math.Max(1, lockout.Value.FamiliarDays))),
            // Longer than any access token lives.
            ("revocation", "at < now() - $1", Day),
            (AuditTable, "at < now() - $1", TimeSpan.FromDays(audit.Value.RetentionDays)),
        ];
    }

    private Task<int> PruneAsync(string table, string condition, TimeSpan age, CancellationToken cancellationToken) =>
        database.InTransactionAsync(async connection =>
        {
            // The gateway itself may not delete there; the function's owner may, and keeps what is young.
            if (table == AuditTable)
            {
                await using var prune = connection.Command("SELECT identity.prune_audit($1, $2)", age, BatchRows);
                return (int)(await prune.ExecuteScalarAsync(cancellationToken))!;
            }
            return await connection.RunAsync(
                $"DELETE FROM identity.{table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM identity.{table} WHERE {condition} LIMIT {BatchRows} FOR UPDATE SKIP LOCKED))",
                [age], cancellationToken);
        }, cancellationToken);

    [LoggerMessage(EventId = 435, Level = LogLevel.Warning, Message = "identity.{Table} could not be pruned ({Reason}); tried again in the next round")]
    private partial void LogFailed(string table, string reason);
}
