using StackExchange.Redis;

namespace Jarvis.Gateway.Health;

/// <summary>
/// Lets all replicas of the gateway say the same about since when: who saw a state first is right. Kept in Redis for a day after the last look, so that a gateway which
/// starts anew knows it too; without Redis each says what it saw itself.
/// </summary>
internal sealed class SharedSince(IServiceProvider services, TimeProvider time)
{
    private const string Hash = "jarvis.health.since";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    // Of each name, state, time and earliest possible time (ms): the older time goes on when the state is the same.
    private const string Agreement = """
        local agreed = {}
        for i = 2, #ARGV, 4 do
          local since = ARGV[i + 2]
          local kept = redis.call('HGET', KEYS[1], ARGV[i])
          if kept then
            local state, at = string.match(kept, '^(%S+) (%d+)$')
            if state == ARGV[i + 1] and tonumber(at) < tonumber(since) then since = at end
          end
          if tonumber(since) < tonumber(ARGV[i + 3]) then since = ARGV[i + 3] end
          redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1] .. ' ' .. since)
          agreed[#agreed + 1] = since
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return agreed
        """;

    /// <summary>For each, since when the first replica saw it so; what was given when Redis does not say.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> AgreeAsync(IReadOnlyList<SeenState> seen, CancellationToken cancellationToken)
    {
        try
        {
            RedisValue[] values = [(long)Kept.TotalMilliseconds, .. seen.SelectMany(one => new RedisValue[] { one.Name, one.Status, one.Since.ToUnixTimeMilliseconds(), one.NotBefore.ToUnixTimeMilliseconds() })];
            var result = await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase()
                .ScriptEvaluateAsync(Agreement, [Hash], values).WaitAsync(Limit, time, cancellationToken);
            var agreed = (long[]?)result;
            return agreed?.Length == seen.Count ? Array.ConvertAll(agreed, DateTimeOffset.FromUnixTimeMilliseconds) : [.. seen.Select(one => one.Since)];
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus.
            return [.. seen.Select(one => one.Since)];
        }
    }
}

/// <summary>A state that this gateway sees.</summary>
/// <param name="NotBefore">Since when at the earliest it can be so: what was before the first of its processes began is over.</param>
internal sealed record SeenState(string Name, string Status, DateTimeOffset Since, DateTimeOffset NotBefore);
