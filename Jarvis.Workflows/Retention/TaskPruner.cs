using Jarvis.ServiceDefaults.Data;
using Jarvis.Workflows.Worker;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Retention;

/// <summary>
/// Deletes tasks whose end is older than the retention, their events with them, in small statements, the oldest first. Several replicas may
/// do so at once: they skip each other's rows. The index <c>task_ended</c> has them in that order, so that a batch reads the rows that it deletes and no others. A task that has not ended is never touched.
/// </summary>
public sealed partial class TaskPruner(
    NpgsqlDataSource database, MigrationRunner migrations, IOptions<RetentionOptions> options, TimeProvider time, ILogger<TaskPruner> logger)
    : BackgroundService
{
    // finished_at is set by the server's clock, and compared by it. The accounts are locked in one order, since other replicas prune too.
    internal const string Sql =
        """
        WITH gone AS (
            DELETE FROM workflows.task WHERE id = ANY (ARRAY(
                SELECT id FROM workflows.task WHERE finished_at < now() - $1 AND status NOT IN ('queued', 'running')
                ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING account_id, stored_bytes),
        freed AS (SELECT account_id, count(*) AS tasks, sum(stored_bytes) AS bytes FROM gone WHERE account_id IS NOT NULL GROUP BY account_id),
        held AS (SELECT u.account_id FROM workflows.account_usage u WHERE u.account_id IN (SELECT account_id FROM freed) ORDER BY u.account_id FOR UPDATE),
        counted AS (
            UPDATE workflows.account_usage u SET tasks = u.tasks - freed.tasks, bytes = u.bytes - freed.bytes
            FROM freed JOIN held USING (account_id) WHERE u.account_id = freed.account_id)
        SELECT count(*) FROM gone
        """;

    private readonly Disturbance _disturbance = new();

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
                if (_disturbance.Ends())
                    LogBack();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_disturbance.Begins())
                    LogFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<long> PruneAsync(CancellationToken cancellationToken)
    {
        long total = 0;
        long rows;
        do
        {
            await using var command = database.CreateCommand(Sql);
            command.Parameters.Add(new() { Value = TimeSpan.FromDays(options.Value.Days) });
            command.Parameters.Add(new() { Value = options.Value.BatchRows });
            rows = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            total += rows;
        }
        while (rows == options.Value.BatchRows);
        return total;
    }

    [LoggerMessage(EventId = 350, Level = LogLevel.Information, Message = "Pruned {Tasks} tasks that ended more than {Days} days ago")]
    private partial void LogPruned(long tasks, int days);

    [LoggerMessage(EventId = 351, Level = LogLevel.Warning, Message = "Ended tasks could not be pruned ({Reason}); tried again in each round until they can be. Said once")]
    private partial void LogFailed(string reason);

    [LoggerMessage(EventId = 352, Level = LogLevel.Information, Message = "Ended tasks are pruned again")]
    private partial void LogBack();
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
