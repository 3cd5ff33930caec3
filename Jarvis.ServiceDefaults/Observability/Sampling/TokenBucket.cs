namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>
/// So many a second, and one second's worth at once: the generic cell rate algorithm, on one number and without a lock. A refusal reads the clock and writes
/// nothing, so it costs the same however many are refused.
/// </summary>
internal sealed class TokenBucket
{
    private readonly TimeProvider _time;
    private readonly long _interval;
    private readonly long _tolerance;

    // When all that was taken will have been paid back.
    private long _paid;

    public TokenBucket(int perSecond, TimeProvider time)
    {
        _time = time;
        _interval = perSecond == 0 ? 0 : Math.Max(1, time.TimestampFrequency / perSecond);
        _tolerance = time.TimestampFrequency - _interval;
        _paid = time.GetTimestamp();
    }

    public bool TryTake()
    {
        if (_interval == 0)
            return false;
        var now = _time.GetTimestamp();
        while (true)
        {
            var paid = Volatile.Read(ref _paid);
            var from = Math.Max(paid, now);
            if (from - now > _tolerance)
                return false;
            if (Interlocked.CompareExchange(ref _paid, from + _interval, paid) == paid)
                return true;
        }
    }

    /// <summary>Gives back one that was taken for nothing.</summary>
    public void Return() => Interlocked.Add(ref _paid, -_interval);
}
