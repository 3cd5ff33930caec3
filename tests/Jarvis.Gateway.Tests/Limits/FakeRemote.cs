using System.Collections.Concurrent;
using Jarvis.Gateway.Limits;

namespace Jarvis.Gateway.Tests.Limits;

/// <summary>Shared buckets that several limiters take from, as they do in Redis, with the bookkeeping of what was given.</summary>
internal sealed class FakeRemote(TimeProvider time) : IRemoteBuckets
{
    private readonly ConcurrentDictionary<string, double> _full = new(StringComparer.Ordinal);
    private readonly Lock _script = new();

    public bool IsUp
    {
        get;
        set
        {
            Outages += field && !value ? 1 : 0;
            field = value;
        }
    } = true;

    public int Outages { get; private set; }

    public int Asked { get; private set; }

    public List<int> Leases { get; } = [];

    public async Task<RemoteAnswer?> TakeAsync(string key, Quota quota, int ask, int back)
    {
        await Task.Yield();
        if (!IsUp)
            return null;
        lock (_script)
        {
            Asked++;
            var now = time.GetUtcNow().ToUnixTimeMilliseconds() * 1e3;
            var full = Math.Max(Math.Max(_full.GetValueOrDefault(key), now) - (back * quota.IntervalMicroseconds), now);
            var free = Math.Max(0, (int)Math.Floor(quota.PerMinute - ((full - now) / quota.IntervalMicroseconds)));
            var granted = Math.Min(ask, free);
            if (ask > 1 && granted > 1)
                granted = Math.Max(1, Math.Min(granted, free / 4));
            _full[key] = full + (granted * quota.IntervalMicroseconds);
            Leases.Add(granted);
            return new RemoteAnswer(granted, free - granted,
                granted > 0 ? default : TimeSpan.FromMicroseconds(Math.Max(1, full - now - ((quota.PerMinute - 1) * quota.IntervalMicroseconds))));
        }
    }
}
