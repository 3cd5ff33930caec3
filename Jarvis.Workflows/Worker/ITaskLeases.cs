using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Worker;

/// <summary>What a worker writes of a task that it holds. Everything counts only under the newest fencing token.</summary>
public interface ITaskLeases
{
    /// <summary>Holds the lease for another while.</summary>
    /// <returns>Whether cancellation was asked for; null when the lease is lost, for good.</returns>
    Task<bool?> RenewAsync(TaskClaim claim, CancellationToken cancellationToken);

    /// <summary>Writes down, before it happens, that a request leaves.</summary>
    /// <returns>The number of the attempt; null when it may not leave: the lease is lost, or the task is to be cancelled.</returns>
    Task<int?> SendingAsync(TaskClaim claim, CancellationToken cancellationToken);

    /// <summary>The request that was announced has certainly done nothing.</summary>
    Task NotDoneAsync(TaskClaim claim, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Ends the task. A task that was given up as unknown meanwhile takes the truth that arrives late: it is not claimed again, so the token still fits.
    /// </summary>
    /// <returns>False when the task is another worker's, or has ended otherwise.</returns>
    Task<bool> FinishAsync(TaskClaim claim, TaskOutcome outcome, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the task back, to be claimed again after <paramref name="wait"/>. Only for a task of which the caller knows that no request is out,
    /// whatever was written down before.
    /// </summary>
    /// <returns>Queued, or cancelled when somebody had asked for that; null when the lease is lost.</returns>
    Task<TaskState?> RequeueAsync(TaskClaim claim, TimeSpan wait, string reason, CancellationToken cancellationToken);
}
