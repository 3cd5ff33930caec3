using System.Collections.Concurrent;
using System.Threading.Channels;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Worker;

namespace Jarvis.Workflows.Tests.Worker;

/// <summary>A task's row as a test lets it be.</summary>
internal sealed class FakeLeases : ITaskLeases
{
    private int _attempt;

    public Func<CancellationToken, Task<bool?>> Renew { get; set; } = _ => Task.FromResult<bool?>(false);

    public Func<CancellationToken, Task> NotDone { get; set; } = _ => Task.CompletedTask;

    public Func<TaskState?> Requeue { get; set; } = () => TaskState.Queued;

    public bool MaySend { get; set; } = true;

    /// <summary>Gets a value for each renewal that was answered, or given up.</summary>
    public Channel<bool> Renewed { get; } = Channel.CreateUnbounded<bool>();

    public ConcurrentQueue<TaskOutcome> Outcomes { get; } = [];

    public ConcurrentQueue<string> Requeued { get; } = [];

    public async Task<bool?> RenewAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await Renew(cancellationToken);
        }
        finally
        {
            Renewed.Writer.TryWrite(true);
        }
    }

    public Task<int?> SendingAsync(TaskClaim claim, CancellationToken cancellationToken) => Task.FromResult<int?>(MaySend ? ++_attempt : null);

    public Task NotDoneAsync(TaskClaim claim, string reason, CancellationToken cancellationToken) => NotDone(cancellationToken);

    public Task<bool> FinishAsync(TaskClaim claim, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        Outcomes.Enqueue(outcome);
        return Task.FromResult(true);
    }

    public Task<TaskState?> RequeueAsync(TaskClaim claim, TimeSpan wait, string reason, CancellationToken cancellationToken)
    {
        var state = Requeue();
        Requeued.Enqueue(reason);
        return Task.FromResult(state);
    }
}
