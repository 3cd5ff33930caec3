namespace Jarvis.Gateway.Services;

/// <summary>
/// A value that is costly to make: one making serves all who ask while it is fresh, and goes on when who asked first has gone. Who asks while an old value is made
/// anew waits for a moment, and then takes the old one.
/// </summary>
/// <param name="make">Bounded in time by itself.</param>
/// <param name="fresh">How long a value is good.</param>
/// <param name="stale">How old an old one may be.</param>
/// <param name="patience">How long a new one is waited for when there is such an old one.</param>
internal sealed class Refreshed<T>(Func<CancellationToken, Task<T>> make, TimeSpan fresh, TimeSpan stale, TimeSpan patience, TimeProvider time)
    where T : class
{
    private readonly Lock _gate = new();
    private Made? _last;
    private Task<T>? _making;

    public async Task<T> GetAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _last);
        if (last is not null && time.GetElapsedTime(last.At) < fresh)
            return last.Value;
        var making = Make();
        if (last is null || time.GetElapsedTime(last.At) > stale)
            return await making.WaitAsync(cancellationToken);
        try
        {
            return await making.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return last.Value;
        }
    }

    private Task<T> Make()
    {
        lock (_gate)
        {
            if (_last is { } made && time.GetElapsedTime(made.At) < fresh)
                return Task.FromResult(made.Value);
            if (_making is not null)
                return _making;
            // Not a part of the request that happens to be the first.
            using (ExecutionContext.SuppressFlow())
                return _making = RunAsync();
        }
    }

    private async Task<T> RunAsync()
    {
        await Task.Yield();
        T? value = null;
        try
        {
            return value = await make(CancellationToken.None);
        }
        finally
        {
            lock (_gate)
            {
                _making = null;
                _last = value is null ? _last : new(value, time.GetTimestamp());
            }
        }
    }

    private sealed record Made(T Value, long At);
}
