namespace Jarvis.Gateway.Limits;

/// <summary>
/// A token bucket of this process only, as one number: when it will be full again (the generic cell rate algorithm, ITU-T I.371). No lock, no allocation.
/// </summary>
internal struct LocalBucket
{
    // Any timestamp is later: full.
    private long _full;

    /// <summary>Tokens that were taken and have not grown again.</summary>
    public readonly int Taken(Quota quota, long now) => (int)Math.Min(quota.PerMinute, (Math.Max(_full, now) - now + quota.Interval - 1) / quota.Interval);

    /// <summary>Begins anew with so many tokens.</summary>
    public void Begin(Quota quota, long now, int tokens) => Volatile.Write(ref _full, now + ((quota.PerMinute - tokens) * quota.Interval));

    /// <summary>Gives a token back.</summary>
    public void GiveBack(Quota quota) => Interlocked.Add(ref _full, -quota.Interval);

    /// <summary>Takes a token.</summary>
    /// <param name="now">A timestamp in units of <see cref="Quota.Interval"/>.</param>
    /// <param name="remaining">Tokens that are left.</param>
    /// <param name="wait">Timestamp units until there is one, when there is none.</param>
    public bool TryTake(Quota quota, long now, out int remaining, out long wait)
    {
        while (true)
        {
            var full = Volatile.Read(ref _full);
            var from = Math.Max(full, now);
            var taken = (from - now + quota.Interval - 1) / quota.Interval;
            if (taken >= quota.PerMinute)
            {
                (remaining, wait) = (0, Math.Max(1, from - now - ((quota.PerMinute - 1) * quota.Interval)));
                return false;
            }
            if (Interlocked.CompareExchange(ref _full, from + quota.Interval, full) == full)
            {
                (remaining, wait) = ((int)(quota.PerMinute - taken - 1), 0);
                return true;
            }
        }
    }
}
