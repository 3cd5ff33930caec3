using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Catalog.Authoring;

/// <summary>Keeps <see cref="MadeAgents"/> as Postgres has them: by notification, and by asking from time to time in case one is lost.</summary>
public sealed partial class MadeAgentsSync(
    MadeAgents made, [FromKeyedServices(PostgresPools.Reserved)] NpgsqlDataSource database, MigrationRunner migrations, ScanSignal signal,
    TimeProvider time, IOptions<AuthoringOptions> options, ILogger<MadeAgentsSync> logger) : BackgroundService
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody's request: it makes no spans.
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.Yield();
        var (wait, failing) = (FirstWait, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stoppingToken);
                // Postgres answers, so the tables come soon; were there none, the question below would say so.
                await migrations.Applied.WaitAsync(LongestWait, time, stoppingToken);
                await ExecuteAsync(connection, $"LISTEN {AgentStore.Channel}", stoppingToken);
                // What was written while nobody listened, and what a restored backup took back.
                await FollowAsync(anew: true, stoppingToken);
                (wait, made.IsListening) = (FirstWait, true);
                if (failing)
                    LogBack();
                failing = false;
                while (true)
                {
                    // A server that vanished without a word is noticed by the question.
                    if (!await connection.WaitAsync(TimeSpan.FromSeconds(options.Value.PollSeconds), stoppingToken))
                        await ExecuteAsync(connection, "SELECT 1", stoppingToken);
                    await FollowAsync(anew: false, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (made.Fail())
                    Show();
                if (!failing)
                    LogLost(exception.Message);
                failing = true;
                await Task.Delay(wait, time, stoppingToken);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    private async Task FollowAsync(bool anew, CancellationToken cancellationToken)
    {
        if (await made.CatchUpAsync(anew, cancellationToken))
            Show();
    }

    private void Show() => _ = signal.AskNow();

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 130, Level = LogLevel.Warning, Message = "Agents made here cannot be followed ({Reason}); those that are known stay, and Postgres is asked until it answers. Said once")]
    private partial void LogLost(string reason);

    [LoggerMessage(EventId = 131, Level = LogLevel.Information, Message = "Agents made here are followed again")]
    private partial void LogBack();
}
