using OpenTelemetry;

namespace Jarvis.Workflows.Tasks;

/// <summary>Lets a request wait for its task: woken when this process ends it, and looking now and then in case another replica does.</summary>
public sealed class TaskWaiters(TaskStore store, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>How often a waiter looks for an end that another replica wrote.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<TaskCompletionSource>> _waiting = [];

    /// <summary>The task's end is committed, as this process knows first hand.</summary>
    public void Finished(Guid id)
    {
        lock (_gate)
        {
            foreach (var waiter in _waiting.GetValueOrDefault(id, []))
                waiter.TrySetResult();
        }
    }

    /// <summary>The task when it ends, or as it is when <paramref name="limit"/> is over or the process stops.</summary>
    public async Task<TaskView?> WaitAsync(Guid id, TimeSpan limit, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + limit;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var waiter = Enter(id);
        try
        {
            while (true)
            {
                // Read after entering, so an end in between is not missed.
                var task = await LookAsync(id, cancellationToken);
                var left = until - time.GetUtcNow();
                if (task is null || task.Status.IsFinished() || left <= TimeSpan.Zero || stop.IsCancellationRequested)
                    return task;
                try
                {
                    await waiter.Task.WaitAsync(left < LookEvery ? left : LookEvery, time, stop.Token);
                }
                catch (TimeoutException)
                {
                    // Time to look.
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    // The process stops: the caller gets the task as it is.
                }
            }
        }
        finally
        {
            Leave(id, waiter);
        }
    }

    private async Task<TaskView?> LookAsync(Guid id, CancellationToken cancellationToken)
    {
        // Sixty looks would drown the request's own spans.
        using var quiet = SuppressInstrumentationScope.Begin();
        return await store.FindAsync(id, cancellationToken);
    }

    private TaskCompletionSource Enter(Guid id)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(id, out var waiters))
                _waiting[id] = waiters = [];
            waiters.Add(waiter);
        }
        return waiter;
    }

    private void Leave(Guid id, TaskCompletionSource waiter)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(id, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                _waiting.Remove(id);
        }
    }
}
