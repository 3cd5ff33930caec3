using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Observability.Sampling;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;

namespace Jarvis.Workflows.Worker;

/// <summary>Runs one claimed task to an end that is written down: its outcome, or its way back into the queue.</summary>
public sealed partial class TaskRunner(
    ITaskLeases leases, TaskRecorder recorder, N8nCaller caller, N8nPipeline pipeline, RunningTasks running, LateTraces late,
    IOptions<WorkerOptions> options, TimeProvider time, ILogger<TaskRunner> logger)
{
    private static readonly ActivitySource Source = new("Jarvis.Workflows");

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
            recorder.Running(claim, hold);
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
                await recorder.RequeueAsync(claim, hold, wait, "the circuit of n8n is open", abort);
                return;
            }
            outcome = TaskOutcome.Failed(ErrorCode.CircuitOpen, "n8n has not been answering, and the task has waited for it as long as it may. Nothing was sent: trigger the workflow again when GET /health/n8n says that n8n is back.");
        }
        catch (Exception exception) when (hold is { IsLost: true, IsSent: false } && exception is LeaseLostException or OperationCanceledException)
        {
            // Given up as unknown while the request was out, and now it is known that it did nothing.
            outcome = hold.TurnedAway is { } reason ? TurnedAway(reason) : throw new LeaseLostException();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested || hold.CancelRequested)
        {
            var byHost = abort.IsCancellationRequested && !hold.CancelRequested;
            if (byHost && !hold.IsSent)
            {
                await recorder.RequeueAsync(claim, hold, TimeSpan.Zero, "the worker was stopped", abort);
                return;
            }
            outcome = Stopped(hold, byHost);
        }
        await recorder.FinishAsync(claim, hold, outcome, abort);
    }

    private static TaskOutcome TurnedAway(string reason) => TaskOutcome.Failed(ErrorCode.Integration,
        $"n8n did not take the request ({reason}), and the worker lost the task before it could try again. Nothing was run: trigger the workflow again.");

    private static TaskOutcome Stopped(LeaseHold hold, bool byHost) => (byHost, hold.IsSent) switch
    {
        (true, _) => TaskOutcome.Unknown(ErrorCode.Integration,
            "Jarvis was stopped while n8n worked on the request. Whether the workflow ran to its end is not known: look at n8n's executions."),
        (false, true) => new(TaskState.Cancelled) { Error = "Cancelled after the request had left: n8n may have run the workflow all the same." },
        (false, false) => new(TaskState.Cancelled) { Error = TaskStore.CancelledUnsent },
    };

    [LoggerMessage(EventId = 331, Level = LogLevel.Warning, Message = "Task {TaskId} was lost to another worker or ended elsewhere; its outcome here is dropped")]
    private partial void LogLeaseLost(Guid taskId);

    [LoggerMessage(EventId = 333, Level = LogLevel.Error, Message = "Task {TaskId} could not be run; its lease runs out")]
    private partial void LogBroken(Exception exception, Guid taskId);
}
