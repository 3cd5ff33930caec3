using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// Decides whether a request may pass. With Redis the sum over all replicas stays within the limit; without it this replica allows a share of it, and nothing of the
/// exact classes. A gateway that has no Redis configured is alone and counts by itself.
/// </summary>
internal sealed class Limiter
{
    // Others may be quicker to spend what was fetched; then a token is fetched for one request alone.
    private const int MaxRounds = 4;

    private readonly TimeProvider _time;
    private readonly Counter<long> _refusals;
    private readonly LimitPolicy?[] _policies;

    public Limiter(IOptions<LimitsOptions> options, IRemoteBuckets? remote, TimeProvider time, IMeterFactory meters)
    {
        (Remote, _time) = (remote, time);
        var limits = options.Value;
        _policies = [Of(LimitClass.Read, limits.Read), Of(LimitClass.Write, limits.Write), Of(LimitClass.Execute, limits.Execute), Of(LimitClass.Auth, limits.Auth), Of(LimitClass.AuthFailures, limits.AuthFailures)];
        _refusals = meters.Create("Jarvis.Gateway")
            .CreateCounter<long>("jarvis.gateway.rate_limited", "{request}", "Requests that were refused by a limit, by class and reason (limit, redis)");

        LimitPolicy? Of(LimitClass of, int perMinute) => perMinute == 0 ? null : new(of, perMinute, limits, time);
    }

    public IRemoteBuckets? Remote { get; }

    public long Now => _time.GetTimestamp();

    /// <summary>The limit of a class; null when it has none.</summary>
    public LimitPolicy? PolicyOf(LimitClass of) => _policies[(int)of];

    public long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    public ValueTask<Decision> TakeAsync(LimitPolicy policy, LimitKey key)
    {
        var (bucket, now) = (policy.BucketOf(key), _time.GetTimestamp());
        if (Remote is null)
            return new(TakeLocal(policy, policy.Whole, bucket, now));
        if (bucket.TryTakeLeased(now, out var remaining, out var half))
        {
            if (half && Remote.IsUp)
                _ = bucket.RefillAsync(this, policy);
            return new(new Decision(Outcome.Allowed, policy.Whole, remaining));
        }
        if (bucket.RefusedFor(now) is > 0 and var wait)
            return new(Refused(policy, policy.Whole, Span(wait)));
        if (!Remote.IsUp)
            return new(WithoutRedis(policy, bucket, now));
        return policy.IsExact ? TakeOneAsync(policy, bucket) : TakeLeasedAsync(policy, bucket);
    }

    /// <summary>Gives a token of an exact class back that was taken for what turned out not to count.</summary>
    public async Task GiveBackAsync(LimitPolicy policy, LimitKey key)
    {
        var bucket = policy.BucketOf(key);
        if (Remote is null)
            bucket.GiveBackLocal(policy.Whole);
        else if (await Remote.TakeAsync(bucket.RedisKey, policy.Whole, ask: 0, back: 1) is not null)
            bucket.Refuse(0);
    }

    private async ValueTask<Decision> TakeLeasedAsync(LimitPolicy policy, CallerBucket bucket)
    {
        bucket.Wait();
        try
        {
            for (var round = 0; round < MaxRounds; round++)
            {
                var answer = await bucket.RefillAsync(this, policy);
                if (bucket.TryTakeLeased(Now, out var remaining, out _))
                    return new(Outcome.Allowed, policy.Whole, remaining);
                if (answer is null)
                    return WithoutRedis(policy, bucket, Now);
                if (answer.Value.Granted == 0)
                    return Refused(policy, policy.Whole, answer.Value.Wait);
            }
        }
        finally
        {
            bucket.WaitNoMore();
        }
        return await TakeOneAsync(policy, bucket);
    }

    private async ValueTask<Decision> TakeOneAsync(LimitPolicy policy, CallerBucket bucket)
    {
        var answer = await Remote!.TakeAsync(bucket.RedisKey, policy.Whole, ask: 1, back: 0);
        // What follows in the pipeline must not run where the next answers of Redis are read.
        await Task.Yield();
        if (answer is not { } given)
            return WithoutRedis(policy, bucket, Now);
        if (given.Granted > 0)
            return new(Outcome.Allowed, policy.Whole, given.Left);
        bucket.Refuse(Now + Ticks(given.Wait));
        return Refused(policy, policy.Whole, given.Wait);
    }

    private Decision WithoutRedis(LimitPolicy policy, CallerBucket bucket, long now)
    {
        if (!policy.IsExact)
        {
            bucket.GoLocal(policy, Remote!.Outages, now);
            return TakeLocal(policy, policy.Share, bucket, now);
        }
        _refusals.Add(1, new("class", policy.Name), new("reason", "redis"));
        return new(Outcome.Unavailable, policy.Whole, 0);
    }

    private Decision TakeLocal(LimitPolicy policy, Quota quota, CallerBucket bucket, long now) =>
        bucket.TryTakeLocal(quota, now, out var remaining, out var wait) ? new(Outcome.Allowed, quota, remaining) : Refused(policy, quota, Span(wait));

    private Decision Refused(LimitPolicy policy, Quota quota, TimeSpan wait)
    {
        _refusals.Add(1, new("class", policy.Name), new("reason", "limit"));
        return new(Outcome.Refused, quota, 0, wait);
    }

    private TimeSpan Span(long ticks) => TimeSpan.FromSeconds((double)ticks / _time.TimestampFrequency);
}
