namespace Jarvis.Gateway.Limits;

/// <summary>The limit of one class, with the buckets of its callers.</summary>
internal sealed class LimitPolicy
{
    // A lease takes at most this part of a minute's tokens.
    private const int LargestLease = 20;

    public LimitPolicy(LimitClass of, int perMinute, LimitsOptions options, TimeProvider time)
    {
        Name = of switch { LimitClass.Read => "read", LimitClass.Write => "write", LimitClass.Execute => "execute", LimitClass.Auth => "auth", _ => "auth-failures" };
        IsExact = of is LimitClass.Execute or LimitClass.Auth or LimitClass.AuthFailures;
        Whole = new(Name, perMinute, time);
        Share = new(Name, Math.Max(1, (int)(perMinute * options.FallbackShare)), time);
        MaxLease = Math.Max(1, perMinute / LargestLease);
        LeaseTicks = options.LeaseMs * time.TimestampFrequency / 1_000;
        Buckets = new(options.MaxCallers);
    }

    public string Name { get; }

    /// <summary>Asks Redis for each request, and refuses while it is gone.</summary>
    public bool IsExact { get; }

    public Quota Whole { get; }

    /// <summary>What this replica allows by itself while Redis is gone.</summary>
    public Quota Share { get; }

    public int MaxLease { get; }

    public long LeaseTicks { get; }

    private CallerTable Buckets { get; }

    public CallerBucket BucketOf(LimitKey key) => Buckets.TryGet(key, out var bucket) ? bucket : Buckets.GetOrAdd(key, new CallerBucket(key.RedisKey(Name)));
}
