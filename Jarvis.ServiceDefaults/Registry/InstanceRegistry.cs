using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>
/// Which processes of Jarvis run, in Redis: the hash <c>jarvis.instances</c> says who they are, a key of each with a short life says that it is alive. Behind one
/// address there may be several, which cannot be told apart from outside.
/// </summary>
public sealed class InstanceRegistry(
    InstanceIdentity own, OwnAnnouncement announcement, IServiceProvider services, TimeProvider time) : IInstanceRegistry
{
    /// <summary>How long a process that says nothing more is still taken for alive.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(7);

    /// <summary>The longest that Redis may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    internal const string Hash = "jarvis.instances";

    /// <summary>The services whose processes announce addresses: of these, one that has no process any more is known to be down.</summary>
    internal const string Services = "jarvis.services";

    // Redis' own clock counts the life, so that nobody's clock need be right.
    private const string AnnounceScript = """
        redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
        return redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
        """;

    public async Task<IReadOnlyList<InstanceIdentity>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var redis = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            var known = (await redis.HashGetAllAsync(Hash).WaitAsync(Timeout, time, cancellationToken))
                .Select(entry => Read(entry.Name, entry.Value)).OfType<InstanceIdentity>()
                .OrderBy(instance => instance.Service, StringComparer.Ordinal).ThenBy(instance => instance.StartedAt).ToArray();
            if (known.Length == 0)
                return [];
            var alive = await redis.StringGetAsync([.. known.Select(instance => Key(instance.Instance))]).WaitAsync(Timeout, time, cancellationToken);
            var gone = known.Where((_, i) => alive[i].IsNull).ToArray();
            if (gone.Length > 0)
                await redis.HashDeleteAsync(Hash, [.. gone.Select(instance => (RedisValue)instance.Instance)]).WaitAsync(Timeout, time, cancellationToken);
            return [.. known.Except(gone)];
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus: without Redis nobody knows.
            return null;
        }
    }

    /// <summary>Says that this process is there, for <see cref="Life"/>.</summary>
    internal Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var redis = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var said = announcement.Current;
        Task<RedisResult> announced = redis.ScriptEvaluateAsync(
            AnnounceScript, [Hash, Key(own.Instance)],
            [own.Instance, (long)Life.TotalMilliseconds, JsonSerializer.Serialize(said, JsonRules.Options)]);
        return (said.Address is null ? announced : Task.WhenAll(announced, redis.SetAddAsync(Services, own.Service)))
            .WaitAsync(Timeout, time, cancellationToken);
    }

    /// <summary>Says that this process ends.</summary>
    internal async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var redis = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        await redis.HashDeleteAsync(Hash, own.Instance).WaitAsync(Timeout, time, cancellationToken);
        await redis.KeyDeleteAsync(Key(own.Instance)).WaitAsync(Timeout, time, cancellationToken);
    }

    /// <summary>Lives as long as the process is taken for alive.</summary>
    internal static RedisKey Key(string instance) => $"jarvis.instance.{instance}";

    private static InstanceIdentity? Read(RedisValue name, RedisValue value)
    {
        try
        {
            return JsonSerializer.Deserialize<InstanceIdentity>(value.ToString(), JsonRules.Options) is { Service: not null } instance && instance.Instance == name.ToString() ? instance : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
