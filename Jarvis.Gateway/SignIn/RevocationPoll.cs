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
internal sealed class RevocationPoll(
    NpgsqlDataSource database, MigrationRunner migrations, Revoked revoked, VerifiedCallers callers, MessageBus bus, IOptions<SigningOptions> options, TimeProvider time) : BackgroundService
{
    // Transactions that began earlier may be committed later, and the clocks of two replicas may differ.
    private static readonly TimeSpan LookBack = TimeSpan.FromSeconds(60);

    private readonly HashSet<long> _seen = [];
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
                failing = true;
            }
        }
        while (await tick.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // What a token that is still good may have outlived, the first time.
        var since = _since ?? now - Revoked.Kept;
        await using var command = database.CreateCommand("SELECT id, account_id, session_id, at FROM identity.revocation WHERE at > $1 ORDER BY at LIMIT 10000");
        command.Parameters.Add(new() { Value = since });
        var fresh = new List<RevokedMessage>();
        var ids = new List<long>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetInt64(0));
                if (!_seen.Contains(ids[^1]))
                    fresh.Add(new(Id(reader, 1), Id(reader, 2), reader.GetFieldValue<DateTimeOffset>(3)));
            }
        }
        var first = _since is null;
        _since = now - LookBack;
        _seen.Clear();
        _seen.UnionWith(ids);
        foreach (var message in fresh)
        {
            revoked.Add(message);
            if (!first)
                await bus.PublishAsync(Revoked.Topic, message, cancellationToken);
        }
    }

    private static Guid? Id(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);
}
