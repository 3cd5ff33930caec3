using Jarvis.ServiceDefaults.Data;
using Jarvis.Workflows.Tasks;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Worker;

/// <summary>Listens on a connection of its own for work and cancellations. Without it the worker still polls; with it nobody waits for that.</summary>
public sealed partial class QueueListener(
    LeaseDatabase database, MigrationRunner migrations, RunningTasks running, TimeProvider time, ILogger<QueueListener> logger) : BackgroundService
{
    private const string CancelPrefix = "cancel:";
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Disturbance _disturbance = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        var wait = FirstWait;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Source.OpenConnectionAsync(stoppingToken);
                connection.Notification += (_, notification) => Hear(notification.Payload);
                await ExecuteAsync(connection, $"LISTEN {TaskStore.Channel}", stoppingToken);
                wait = FirstWait;
                if (_disturbance.Ends())
                    LogBack();
                // What came while nobody listened is in the queue.
                running.Wake();
                while (true)
                {
                    // A server that vanished without a word is noticed by the question.
                    if (!await connection.WaitAsync(CheckEvery, stoppingToken))
                        await ExecuteAsync(connection, "SELECT 1", stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_disturbance.Begins())
                    LogLost(exception.Message);
                await Task.Delay(wait, time, stoppingToken);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    private void Hear(string payload)
    {
        if (payload.StartsWith(CancelPrefix, StringComparison.Ordinal) && Guid.TryParse(payload.AsSpan(CancelPrefix.Length), out var id))
            running.Cancel(id);
        else
            running.Wake();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 310, Level = LogLevel.Warning, Message = "Notifications of Postgres are cut off ({Reason}); polling goes on, and listening is tried again until it works. Said once")]
    private partial void LogLost(string reason);

    [LoggerMessage(EventId = 311, Level = LogLevel.Information, Message = "Notifications of Postgres come again")]
    private partial void LogBack();
}
