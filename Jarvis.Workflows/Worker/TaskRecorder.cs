using System.Diagnostics;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Workflows.Worker;

/// <summary>Writes down what becomes of a run, for as long as Postgres does not take it, and tells whoever waits for it.</summary>
public sealed partial class TaskRecorder(
    ITaskLeases leases, TaskWaiters waiters, TaskNews news, StopBudget budget, IOptions<WorkerOptions> options, TimeProvider time, ILogger<TaskRecorder> logger)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>The task runs.</summary>
    public void Running(TaskClaim claim, LeaseHold hold) => news.Publish(Changed(claim, hold, TaskState.Running, errorCode: null));

    /// <summary>Offers the outcome until Postgres takes it: it is the only record of what n8n did.</summary>
    /// <exception cref="LeaseLostException">The task is another worker's, or has ended otherwise.</exception>
    public async Task FinishAsync(TaskClaim claim, LeaseHold hold, TaskOutcome outcome, CancellationToken abort)
    {
        var status = outcome.State.Name();
        if (!await OfferAsync(claim, status, WriteAsync, abort))
            throw new LeaseLostException();
        if (outcome.State is TaskState.Failed or TaskState.Unknown)
            Activity.Current?.SetStatus(ActivityStatusCode.Error, outcome.ErrorCode);
        Activity.Current?.SetTag("jarvis.task.status", status);
        LogEnd(claim.Id, status, outcome);
        waiters.Finished(claim.Id);
        news.Publish(Changed(claim, hold, outcome.State, outcome.ErrorCode));

        async Task<bool> WriteAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await leases.FinishAsync(claim, outcome, cancellationToken);
            }
            catch (PostgresException refused) when (refused.SqlState is ['2', '2' or '3', ..] && outcome.Result is not null)
            {
                // The server objects to the data, and will each time: the end matters more than n8n's words.
                LogNotRecorded(claim.Id, status, refused.MessageText);
                outcome = outcome with { Result = null, ResultTruncated = true };
                return await leases.FinishAsync(claim, outcome, cancellationToken);
            }
        }
    }

    /// <summary>Gives the task back, of which no request is out. One that somebody wants cancelled ends with that.</summary>
    /// <exception cref="LeaseLostException">The task is another worker's, or has ended.</exception>
    public async Task RequeueAsync(TaskClaim claim, LeaseHold hold, TimeSpan wait, string reason, CancellationToken abort)
    {
        var state = await OfferAsync(claim, "requeued", token => leases.RequeueAsync(claim, wait, reason, token), abort) ?? throw new LeaseLostException();
        if (state.IsFinished())
        {
            LogCancelled(claim.Id, TaskStore.CancelledUnsent);
            waiters.Finished(claim.Id);
        }
        news.Publish(Changed(claim, hold, state, errorCode: null));
    }

    private async Task<T> OfferAsync<T>(TaskClaim claim, string what, Func<CancellationToken, Task<T>> write, CancellationToken abort)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.RecordSeconds), time);
        await using var stop = abort.Register(() => limit.CancelAfter(budget.LastWords));
        for (var wait = FirstWait; ; wait = wait < LongestWait ? wait * 2 : wait)
        {
            try
            {
                return await write(limit.Token);
            }
            catch (Exception exception) when (!limit.IsCancellationRequested)
            {
                LogNotRecorded(claim.Id, what, exception.Message);
            }
            await Task.Delay(wait, time, limit.Token);
        }
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

    [LoggerMessage(EventId = 332, Level = LogLevel.Warning, Message = "What becomes of task {TaskId} ({Status}) could not be recorded yet: {Reason}")]
    private partial void LogNotRecorded(Guid taskId, string status, string reason);
}
