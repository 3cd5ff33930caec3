using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Retention;

/// <summary>
/// Deletes tasks whose end is older than the retention, their events with them, in small statements, the oldest first. Several replicas may
/// do so at once: they skip each other's rows. A task that has not ended is never touched.
/// </summary>
public sealed partial class TaskPruner(
    NpgsqlDataSource database, MigrationRunner migrations, IOptions<RetentionOptions> options, TimeProvider time, ILogger<TaskPruner> logger)
    : BackgroundService
{
    // finished_at is set by the server's clock, and compared by it.
    private const string Sql =
        """
        DELETE FROM workflows.task WHERE id = ANY (ARRAY(
            SELECT id FROM workflows.task WHERE finished_at < now() - $1 AND status NOT IN ('queued', 'running')
            ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time);
        do
        {
            try
            {
                if (await PruneAsync(stoppingToken) is > 0 and var tasks)
                    LogPruned(tasks, options.Value.Days);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        long total = 0;
        int rows;
        do
        {
            await using var command = database.CreateCommand(Sql);
            command.Parameters.Add(new() { Value = TimeSpan.FromDays(options.Value.Days) });
            command.Parameters.Add(new() { Value = options.Value.BatchRows });
            rows = await command.ExecuteNonQueryAsync(cancellationToken);
            total += rows;
        }
        while (rows == options.Value.BatchRows);
        return total;
    }

    [LoggerMessage(EventId = 350, Level = LogLevel.Information, Message = "Pruned {Tasks} tasks that ended more than {Days} days ago")]
    private partial void LogPruned(long tasks, int days);

    [LoggerMessage(EventId = 351, Level = LogLevel.Warning, Message = "Ended tasks could not be pruned ({Reason}); tried again in the next round")]
    private partial void LogFailed(string reason);
}

public static class RetentionExtensions
{
    public static TBuilder AddRetention<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<TaskPruner>();
        return builder;
    }
}
