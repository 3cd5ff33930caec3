using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Observability.Sampling;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Npgsql;
using Polly.CircuitBreaker;

namespace Jarvis.Workflows.Worker;

/// <summary>Runs one claimed task to an end that is written down: its outcome, or its way back into the queue.</summary>
public sealed partial class TaskRunner(
    TaskLeases leases, N8nCaller caller, N8nPipeline pipeline, RunningTasks running, TaskWaiters waiters, TaskNews news, LateTraces late,
    IOptions<WorkerOptions> options, TimeProvider time, ILogger<TaskRunner> logger)
{
    private static readonly ActivitySource Source = new("Jarvis.Workflows");

    // What a stopping process may take to write down how far a task came.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    /// <summary>Never throws. <paramref name="abort"/> is the end of the process's patience, not of the task.</summary>
    public async Task RunAsync(TaskClaim claim, CancellationToken abort)
    {
        using var activity = TaskTrace.Start(Source, $"task {claim.Kind}", claim.TraceParent);
        activity?.SetTag("jarvis.task.id", claim.Id).SetTag("jarvis.workflow.id", claim.WorkflowId);
        using var correlation = CorrelationId.Use(claim.CorrelationId);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(abort);
        running.Add(claim.Id, cancel);
        var hold = new LeaseHold(leases, claim, options.Value, time, logger);
        try
        {
            news.Publish(Changed(claim, hold, TaskState.Running, errorCode: null));
            await using (hold.Keep(cancel))
                await RunAsync(claim, hold, cancel.Token, abort);
        }
        catch (LeaseLostException)
        {
            LogLeaseLost(claim.Id);
        }
        catch (Exception exception)
        {
            // Most often Postgres is away before anything was sent: the lease runs out, and the task is claimed again.
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            LogBroken(exception, claim.Id);
        }
        finally
        {
            if (activity is { Status: ActivityStatusCode.Error } && late.IsUnrecordedRoot(activity))
                late.TryKeep(activity, LateTraces.Failed, claim.CorrelationId);
            running.Remove(claim.Id, cancel);
        }
    }

    private async Task RunAsync(TaskClaim claim, LeaseHold hold, CancellationToken cancel, CancellationToken abort)
    {
        TaskOutcome outcome;
        var call = new N8nCall(claim.Id, claim.Webhook, claim.Payload);
        try
        {
            outcome = await caller.CallAsync(call, hold, cancel);
        }
        catch (BrokenCircuitException) when (hold.IsSent)
        {
            // An earlier try (GET) was lost, and the circuit opened before the next.
            outcome = N8nVerdict.Of(call, N8nReply.Lost("no answer came"));
        }
        catch (BrokenCircuitException open)
        {
            var wait = pipeline.WaitFor(open);
            if (claim.Age + wait < TimeSpan.FromSeconds(options.Value.CircuitDeadlineSeconds))
            {
                await RequeueAsync(claim, hold, wait, "the circuit of n8n is open", abort);
                return;
            }
            outcome = TaskOutcome.Failed(ErrorCode.CircuitOpen, "n8n has not been answering, and the task has waited for it as long as it may. Nothing was sent: trigger the workflow again when GET /health/n8n says that n8n is back.");
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested || hold.CancelRequested)
        {
            var byHost = abort.IsCancellationRequested && !hold.CancelRequested;
            if (byHost && !hold.IsSent)
            {
                using var limit = new CancellationTokenSource(LastWords, time);
                await RequeueAsync(claim, hold, TimeSpan.Zero, "the worker was stopped", limit.Token);
                return;
            }
            outcome = Stopped(hold, byHost);
        }
        await FinishAsync(claim, hold, outcome, abort);
    }

    private static TaskOutcome Stopped(LeaseHold hold, bool byHost) => (byHost, hold.IsSent) switch
    {
        (true, _) => TaskOutcome.Unknown(ErrorCode.Integration,
            "Jarvis was stopped while n8n worked on the request. Whether the workflow ran to its end is not known: look at n8n's executions."),
        (false, true) => new(TaskState.Cancelled) { Error = "Cancelled after the request had left: n8n may have run the workflow all the same." },
        (false, false) => new(TaskState.Cancelled) { Error = "Cancelled before it was sent." },
    };

    private async Task RequeueAsync(TaskClaim claim, LeaseHold hold, TimeSpan wait, string reason, CancellationToken cancellationToken)
    {
        await leases.RequeueAsync(claim, wait, reason, cancellationToken);
        news.Publish(Changed(claim, hold, TaskState.Queued, errorCode: null));
    }

    /// <summary>Offers the outcome until Postgres takes it: it is the only record of what n8n did.</summary>
    private async Task FinishAsync(TaskClaim claim, LeaseHold hold, TaskOutcome outcome, CancellationToken abort)
    {
        var status = outcome.State.Name();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.RecordSeconds), time);
        await using var stop = abort.Register(() => limit.CancelAfter(LastWords));
        var wait = TimeSpan.FromMilliseconds(250);
        while (true)
        {
            try
            {
                if (!await leases.FinishAsync(claim, outcome, limit.Token))
                    throw new LeaseLostException();
                break;
            }
            catch (PostgresException refused) when (refused.SqlState is ['2', '2' or '3', ..] && outcome.Result is not null)
            {
                // The server objects to the data, and will each time: the end matters more than n8n's words.
                LogNotRecorded(claim.Id, status, refused.MessageText);
                outcome = outcome with { Result = null, ResultTruncated = true };
            }
            catch (Exception exception) when (exception is not LeaseLostException && !limit.IsCancellationRequested)
            {
                LogNotRecorded(claim.Id, status, exception.Message);
                await Task.Delay(wait, time, limit.Token);
                wait = wait.TotalSeconds < 2 ? wait * 2 : wait;
            }
        }
        if (outcome.State is TaskState.Failed or TaskState.Unknown)
            Activity.Current?.SetStatus(ActivityStatusCode.Error, outcome.ErrorCode);
        Activity.Current?.SetTag("jarvis.task.status", status);
        LogEnd(claim.Id, status, outcome);
        waiters.Finished(claim.Id);
        news.Publish(Changed(claim, hold, outcome.State, outcome.ErrorCode));
    }

    private void LogEnd(Guid taskId, string status, TaskOutcome outcome)
    {
        if (outcome.State == TaskState.Succeeded)
            LogSucceeded(taskId);
        else if (outcome.State == TaskState.Cancelled)
            LogCancelled(taskId, outcome.Error);
        else
            LogFailed(taskId, status, outcome.ErrorCode, outcome.Error);
    }

    private static TaskChanged Changed(TaskClaim claim, LeaseHold hold, TaskState status, string? errorCode) =>
        new(claim.Id, claim.Kind, status, claim.WorkflowId, claim.WorkflowName, hold.Attempt, errorCode);

    [LoggerMessage(EventId = 330, Level = LogLevel.Information, Message = "Task {TaskId} succeeded")]
    private partial void LogSucceeded(Guid taskId);

    [LoggerMessage(EventId = 334, Level = LogLevel.Information, Message = "Task {TaskId} is cancelled: {Reason}")]
    private partial void LogCancelled(Guid taskId, string? reason);

    [LoggerMessage(EventId = 335, Level = LogLevel.Warning, Message = "Task {TaskId} is {Status} ({ErrorCode}): {Reason}")]
    private partial void LogFailed(Guid taskId, string status, string? errorCode, string? reason);

    [LoggerMessage(EventId = 331, Level = LogLevel.Warning, Message = "Task {TaskId} was lost to another worker or ended elsewhere; its outcome here is dropped")]
    private partial void LogLeaseLost(Guid taskId);

    [LoggerMessage(EventId = 332, Level = LogLevel.Warning, Message = "The end of task {TaskId} ({Status}) could not be recorded yet: {Reason}")]
    private partial void LogNotRecorded(Guid taskId, string status, string reason);

    [LoggerMessage(EventId = 333, Level = LogLevel.Error, Message = "Task {TaskId} could not be run; its lease runs out")]
    private partial void LogBroken(Exception exception, Guid taskId);
}
