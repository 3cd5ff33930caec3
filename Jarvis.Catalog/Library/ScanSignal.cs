namespace Jarvis.Catalog.Library;

/// <summary>How much a scan looks at.</summary>
public enum ScanScope
{
    /// <summary>The paths that events named, and what is made here.</summary>
    Changes,

    /// <summary>Every source from its top.</summary>
    Everything,
}

/// <summary>Asks for a scan and tells when one that began after the question is done. Any number of questions before it begins are one scan.</summary>
public sealed class ScanSignal(TimeProvider time) : IDisposable
{
    /// <summary>Rounds of quiet that a few changes may wait at most: something that writes all the time must not hide a saved file.</summary>
    private const int MaxRounds = 4;

    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly Lock _lock = new();
    private TaskCompletionSource<CatalogSnapshot> _next = New();
    private bool _everything;
    private bool _now;

    /// <summary>Asks for a scan of everything. Completes with the snapshot of the next scan that begins.</summary>
    public Task<CatalogSnapshot> Ask() => Ask(everything: true, now: true);

    /// <summary>Something changed: asks for a scan of the changes once it is quiet.</summary>
    public void Changed() => _ = Ask(everything: false, now: false);

    /// <summary>Asks for a scan of the changes without waiting for quiet. Completes with the snapshot of the next scan that begins.</summary>
    public Task<CatalogSnapshot> AskNow() => Ask(everything: false, now: true);

    /// <summary>
    /// Waits until somebody asks, and then for <paramref name="quiet"/> unless it is urgent, or until <paramref name="patience"/> ends. While
    /// <paramref name="isBurst"/> it waits on for quiet, for <paramref name="burst"/> at most, so that a checkout of thousands of files is one scan.
    /// </summary>
    /// <returns>False when patience ended and nobody had asked.</returns>
    public async Task<bool> WaitAsync(TimeSpan patience, TimeSpan quiet, TimeSpan burst, Func<bool> isBurst, CancellationToken cancellationToken)
    {
        if (!await _asked.WaitAsync(patience, cancellationToken))
            return false;
        var started = time.GetTimestamp();
        for (var round = 0; !IsUrgent() && (round < MaxRounds || (isBurst() && time.GetElapsedTime(started) < burst)); round++)
        {
            // Ends early only when somebody asks: the next question may be an urgent one.
            if (!await _asked.WaitAsync(quiet, cancellationToken))
                break;
            if (!IsUrgent())
                await Task.Delay(quiet, time, cancellationToken);
        }

        return true;
    }

    /// <summary>A scan begins, of as much as was asked for: who asks from now on gets the one after it.</summary>
    public (TaskCompletionSource<CatalogSnapshot> Answer, ScanScope Scope) Begin()
    {
        lock (_lock)
        {
            var began = (_next, _everything ? ScanScope.Everything : ScanScope.Changes);
            _next = New();
            (_everything, _now) = (false, false);
            return began;
        }
    }

    public void Dispose() => _asked.Dispose();

    private Task<CatalogSnapshot> Ask(bool everything, bool now)
    {
        lock (_lock)
        {
            _everything |= everything;
            _now |= now;
            if (_asked.CurrentCount == 0)
                _asked.Release();
            return _next.Task;
        }
    }

    private bool IsUrgent()
    {
        lock (_lock)
            return _now;
    }

    private static TaskCompletionSource<CatalogSnapshot> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
