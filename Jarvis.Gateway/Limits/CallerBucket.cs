namespace Jarvis.Gateway.Limits;

/// <summary>One caller's tokens of one class, as this replica knows them.</summary>
internal sealed class CallerBucket(string redisKey)
{
    private readonly Lock _refilling = new();
    private Lease _lease = Lease.None;
    private Task<RemoteAnswer?>? _refill;
    private int _size = 1;
    private int _waiting;
    private long _refusedUntil;
    private int _left;
    private long _leftAt;

    // Alone in this process, and while Redis is gone.
    private LocalBucket _local;
    private int _outage;
    private bool _owing;

    public string RedisKey => redisKey;

    public bool TryTakeLocal(Quota quota, long now, out int remaining, out long wait) => _local.TryTake(quota, now, out remaining, out wait);

    public void GiveBackLocal(Quota quota) => _local.GiveBack(quota);

    public bool TryTakeLeased(long now, out int remaining, out bool half) => Volatile.Read(ref _lease).TryTake(now, out remaining, out half);

    /// <summary>The shared bucket was empty, and cannot have a token before <paramref name="until"/>.</summary>
    public void Refuse(long until) => Volatile.Write(ref _refusedUntil, until);

    /// <summary>Timestamp units until the shared bucket may have a token; 0 when it may have one now.</summary>
    public long RefusedFor(long now) => Math.Max(0, Volatile.Read(ref _refusedUntil) - now);

    /// <summary>
    /// Goes on without Redis: with the replica's share of what was left when Redis was last heard, so that an outage gives nobody a second full bucket.
    /// </summary>
    public void GoLocal(LimitPolicy policy, int outage, long now)
    {
        if (Volatile.Read(ref _outage) == outage)
            return;
        lock (_refilling)
        {
            if (_outage == outage)
                return;
            var left = _leftAt == 0 ? policy.Whole.PerMinute : Math.Min(policy.Whole.PerMinute, _left + ((now - _leftAt) / policy.Whole.Interval));
            _local.Begin(policy.Share, now, (int)(left * policy.Share.PerMinute / policy.Whole.PerMinute));
            _owing = true;
            Volatile.Write(ref _outage, outage);
        }
    }

    public void Wait() => Interlocked.Increment(ref _waiting);

    public void WaitNoMore() => Interlocked.Decrement(ref _waiting);

    /// <summary>
    /// Takes tokens in advance: twice as many as last time when those are spent before their time, half as many when some were left, and enough for all who wait. Who comes
    /// while another one takes waits for the same.
    /// </summary>
    /// <returns>Null when Redis is gone.</returns>
    public Task<RemoteAnswer?> RefillAsync(Limiter limiter, LimitPolicy policy)
    {
        lock (_refilling)
            return _refill is { IsCompleted: false } running ? running : _refill = TakeAsync(limiter, policy);
    }

    private async Task<RemoteAnswer?> TakeAsync(Limiter limiter, LimitPolicy policy)
    {
        var (before, now) = (Volatile.Read(ref _lease), limiter.Now);
        var live = before.IsLive(now);
        // What is too old to be spent goes back.
        var back = live ? 0 : before.Drain();
        _size = Math.Clamp(live ? _size * 2 : back > 0 ? _size / 2 : _size, 1, policy.MaxLease);
        var ask = Math.Clamp(Volatile.Read(ref _waiting), _size, policy.MaxLease);
        // What was spent without Redis is owed to it.
        var owed = _owing ? _local.Taken(policy.Share, now) : 0;
        if (await limiter.Remote!.TakeAsync(redisKey, policy.Whole, ask, back - owed) is not { } answer)
            return null;
        (_owing, _left, _leftAt) = (false, answer.Left, now);
        if (answer.Granted == 0)
        {
            Refuse(limiter.Now + limiter.Ticks(answer.Wait));
            return answer;
        }
        var lease = new Lease(answer.Granted, answer.Left, now + policy.LeaseTicks);
        Volatile.Write(ref _lease, lease);
        // After the new one stands, so that nobody finds none.
        if (live && before.Drain() is > 0 and var rest)
            lease.Add(rest);
        return answer;
    }
}
