namespace Jarvis.Catalog.Library;

/// <summary>Asks for a scan and tells when one that began after the question is done. Any number of questions before it begins are one scan.</summary>
public sealed class ScanSignal(TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly Lock _lock = new();
    private TaskCompletionSource<CatalogSnapshot> _next = New();

    /// <summary>Completes with the snapshot of the next scan that begins.</summary>
    public Task<CatalogSnapshot> Ask()
    {
        lock (_lock)
        {
            if (_asked.CurrentCount == 0)
                _asked.Release();
            return _next.Task;
        }
    }

    /// <summary>Waits until somebody asks, and then for <paramref name="quiet"/>, or until <paramref name="patience"/> ends.</summary>
    public async Task WaitAsync(TimeSpan patience, TimeSpan quiet, CancellationToken cancellationToken)
    {
        if (!await _asked.WaitAsync(patience, cancellationToken))
            return;
        // A burst goes on: wait for its end, but not longer than a few quiet times.
        for (var round = 0; round < 4; round++)
        {
            await Task.Delay(quiet, time, cancellationToken);
            if (!await _asked.WaitAsync(0, cancellationToken))
                break;
        }
    }

    /// <summary>A scan begins: who asks from now on gets the one after it.</summary>
    public TaskCompletionSource<CatalogSnapshot> Begin()
    {
        lock (_lock)
        {
            var answered = _next;
            _next = New();
            return answered;
        }
    }

    public void Dispose() => _asked.Dispose();

    private static TaskCompletionSource<CatalogSnapshot> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
