using System.Collections.Concurrent;

namespace Jarvis.Workflows.Worker;

/// <summary>What this process runs now, so that a cancellation finds it; and the signal that there may be work.</summary>
public sealed class RunningTasks : IDisposable
{
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _running = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly Lock _gate = new();

    public int Count => _running.Count;

    public void Add(Guid id, CancellationTokenSource cancel) => _running[id] = cancel;

    /// <summary>The run that this is of; a newer run of the same task, after a lost lease, stays.</summary>
    public void Remove(Guid id, CancellationTokenSource cancel)
    {
        _running.TryRemove(KeyValuePair.Create(id, cancel));
        Wake();
    }

    public void Cancel(Guid id)
    {
        if (!_running.TryGetValue(id, out var cancel))
            return;
        try
        {
            cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    /// <summary>There may be work, or a free hand; many calls before the next wait are one.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            if (_work.CurrentCount == 0)
                _work.Release();
        }
    }

    /// <summary>Until <see cref="Wake"/>, at most <paramref name="limit"/>.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken) => _work.WaitAsync(limit, cancellationToken);

    public void Dispose() => _work.Dispose();
}
