using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Data;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Workflows.Worker;

/// <summary>Finds tasks whose worker is gone, at start and then at a third of a lease's time.</summary>
public sealed partial class LeaseReaper(
    TaskClaims claims, MigrationRunner migrations, RunningTasks running, TaskWaiters waiters, TaskNews news,
    IOptions<WorkerOptions> options, TimeProvider time, ILogger<LeaseReaper> logger) : BackgroundService
{
    private readonly Disturbance _disturbance = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.LeaseSeconds / 3.0), time);
        do
        {
            try
            {
                foreach (var task in await ReapAsync(stoppingToken))
                    Tell(task);
                if (_disturbance.Ends())
                    LogBack();
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (_disturbance.Begins())
                    LogSkipped(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<IReadOnlyList<LostTask>> ReapAsync(CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        return await claims.ReapAsync(cancellationToken);
    }

    private void Tell(LostTask task)
    {
        using var correlation = CorrelationId.Use(task.CorrelationId);
        LogReaped(task.Id, task.Status.Name());
        if (task.Status.IsFinished())
            waiters.Finished(task.Id);
        else
            running.Wake();
        news.Publish(new(task.Id, task.Kind, task.Status, task.WorkflowId, task.WorkflowName, task.Attempt, task.ErrorCode));
    }

    [LoggerMessage(EventId = 320, Level = LogLevel.Warning, Message = "The worker of task {TaskId} is gone; the task is now {Status}")]
    private partial void LogReaped(Guid taskId, string status);

    [LoggerMessage(EventId = 321, Level = LogLevel.Warning, Message = "Lost leases could not be looked for ({Reason}); tried again until they can be. Said once")]
    private partial void LogSkipped(string reason);

    [LoggerMessage(EventId = 322, Level = LogLevel.Information, Message = "Lost leases are looked for again")]
    private partial void LogBack();
}
