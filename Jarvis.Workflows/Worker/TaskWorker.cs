using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Workflows.Worker;

/// <summary>Claims tasks as long as it has free hands, and runs each on its own. Woken by notifications, ended runs, and a slow poll.</summary>
public sealed partial class TaskWorker(
    TaskClaims claims, TaskRunner runner, RunningTasks running, MigrationRunner migrations, IOptions<WorkerOptions> options, StopBudget budget,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<TaskWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly HashSet<Task> _runs = [];
    private readonly Disturbance _disturbance = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Runs outlive the stop signal for as long as they may drain.
        using var abort = new CancellationTokenSource();
        // Services are stopped one after the other, the web server first, and it waits for slow clients: the time to stop runs from the signal.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        try
        {
            await migrations.Applied.WaitAsync(stop.Token);
            while (!stop.IsCancellationRequested)
                await WorkAsync(abort.Token, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
        await DrainAsync(abort);
    }

    private async Task WorkAsync(CancellationToken abort, CancellationToken stoppingToken)
    {
        _runs.RemoveWhere(run => run.IsCompleted);
        var pause = TimeSpan.FromSeconds(options.Value.PollSeconds);
        try
        {
            // Not of _runs: the run that woke us has left the register, and is not completed yet.
            var free = options.Value.Concurrency - running.Count;
            foreach (var claim in free > 0 ? await ClaimAsync(free, stoppingToken) : [])
                _runs.Add(runner.RunAsync(claim, abort));
            if (free > 0 && _disturbance.Ends())
                LogBack();
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            if (_disturbance.Begins())
                LogIdle(exception.Message);
            pause = pause < LongestWait ? pause : LongestWait;
        }
        await running.WaitAsync(pause, stoppingToken);
    }

    private async Task<IReadOnlyList<TaskClaim>> ClaimAsync(int count, CancellationToken cancellationToken)
    {
        // An idle queue makes no spans; a task's own begin with its run.
        using var quiet = SuppressInstrumentationScope.Begin();
        return await claims.ClaimAsync(count, cancellationToken);
    }

    private async Task DrainAsync(CancellationTokenSource abort)
    {
        var runs = Task.WhenAll(_runs);
        if (runs.IsCompleted)
            return;
        LogDraining(_runs.Count, budget.Drain.TotalSeconds);
        try
        {
            await runs.WaitAsync(budget.Drain, time);
        }
        catch (TimeoutException)
        {
            await abort.CancelAsync();
            // Each still writes down how far it came; the host's own limit bounds this.
            await runs;
        }
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "The queue cannot be read ({Reason}); tried again until it can. Said once")]
    private partial void LogIdle(string reason);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "The queue can be read again")]
    private partial void LogBack();

    [LoggerMessage(EventId = 301, Level = LogLevel.Information, Message = "Stopping: {Count} tasks get {Seconds} s to end")]
    private partial void LogDraining(int count, double seconds);
}
