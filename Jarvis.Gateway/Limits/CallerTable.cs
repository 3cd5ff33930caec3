using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// The buckets of at most about <paramref name="capacity"/> callers, in two generations: when the young one is full it becomes the old one, and what was not asked for
/// since then is forgotten. A lost lease costs its few tokens, nothing else.
/// </summary>
internal sealed class CallerTable(int capacity)
{
    private readonly Lock _turning = new();
    private volatile Generation _young = new(null);

    public bool TryGet(LimitKey key, [NotNullWhen(true)] out CallerBucket? bucket)
    {
        var young = _young;
        if (young.Buckets.TryGetValue(key, out bucket))
            return true;
        if (young.Old is not { } old || !old.TryGetValue(key, out bucket))
            return false;
        // Stays in the old one too, so that nobody misses it meanwhile.
        bucket = GetOrAdd(key, bucket);
        return true;
    }

    public CallerBucket GetOrAdd(LimitKey key, CallerBucket bucket)
    {
        var young = _young;
        var kept = young.Buckets.GetOrAdd(key, bucket);
        if (ReferenceEquals(kept, bucket) && Interlocked.Increment(ref young.Count) >= Math.Max(1, capacity / 2))
            Turn(young);
        return kept;
    }

    private void Turn(Generation full)
    {
        lock (_turning)
        {
            if (_young == full)
                _young = new(full.Buckets);
        }
    }

    private sealed class Generation(ConcurrentDictionary<LimitKey, CallerBucket>? old)
    {
        public int Count;

        public ConcurrentDictionary<LimitKey, CallerBucket> Buckets { get; } = new();

        public ConcurrentDictionary<LimitKey, CallerBucket>? Old { get; } = old;
    }
}
