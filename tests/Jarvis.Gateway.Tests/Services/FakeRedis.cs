using System.Collections.Concurrent;
using System.Reflection;
using NSubstitute;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>As much of Redis as processes need to find and hear each other; a message is lost when the test says so.</summary>
internal sealed class FakeRedis
{
    private readonly ConcurrentDictionary<string, ConcurrentBag<Action<RedisChannel, RedisValue>>> _topics = new(StringComparer.Ordinal);

    public FakeRedis()
    {
        var subscriber = Substitute.For<ISubscriber>();
        var database = DispatchProxy.Create<IDatabase, FakeDatabase>();
        Connection.GetSubscriber(default).ReturnsForAnyArgs(subscriber);
        Connection.GetDatabase(default, default).ReturnsForAnyArgs(database);
        subscriber.SubscribeAsync(default, default(Action<RedisChannel, RedisValue>)!, default).ReturnsForAnyArgs(call =>
        {
            _topics.GetOrAdd(call.Arg<RedisChannel>()!, _ => []).Add(call.Arg<Action<RedisChannel, RedisValue>>());
            return Task.CompletedTask;
        });
        subscriber.PublishAsync(default, default, default).ReturnsForAnyArgs(call => PublishAsync(call.Arg<RedisChannel>()!, call.Arg<RedisValue>()!));
    }

    public IConnectionMultiplexer Connection { get; } = Substitute.For<IConnectionMultiplexer>();

    /// <summary>Which messages are lost, by topic and text.</summary>
    public Func<string, string, bool> Loses { get; set; } = (_, _) => false;

    private Task<long> PublishAsync(string topic, string message)
    {
        if (Loses(topic, message))
            return Task.FromResult(0L);
        foreach (var handler in _topics.GetValueOrDefault(topic) ?? [])
            handler(RedisChannel.Literal(topic), message);
        return Task.FromResult(1L);
    }
}

/// <summary>Hashes and keys, of the few commands that are used.</summary>
public class FakeDatabase : DispatchProxy
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, string>> _hashes = new(StringComparer.Ordinal);

    internal ConcurrentDictionary<string, string> Keys { get; } = new(StringComparer.Ordinal);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args![0], args.Length > 1 ? args[1] : null) switch
    {
        ("ScriptEvaluateAsync", _, RedisKey[] { Length: 2 } keys) => Announce(keys, (RedisValue[])args[2]!),
        ("HashGetAllAsync", RedisKey key, _) => Task.FromResult(Hash(key).Select(entry => new HashEntry(entry.Key, entry.Value)).ToArray()),
        ("HashSetAsync", RedisKey key, HashEntry[] entries) => Set(key, entries),
        ("HashDeleteAsync", RedisKey key, RedisValue field) => Task.FromResult(Hash(key).TryRemove(field!, out _)),
        ("HashDeleteAsync", RedisKey key, RedisValue[] fields) => Task.FromResult((long)fields.Count(field => Hash(key).TryRemove(field!, out _))),
        ("StringGetAsync", RedisKey[] keys, _) => Task.FromResult(keys.Select(key => Keys.TryGetValue(key!, out var value) ? (RedisValue)value : RedisValue.Null).ToArray()),
        ("KeyDeleteAsync", RedisKey key, _) => Task.FromResult(Keys.TryRemove(key!, out _)),
        ("PingAsync", _, _) => Task.FromResult(TimeSpan.Zero),
        var (name, _, _) => throw new NotSupportedException(name),
    };

    private ConcurrentDictionary<string, string> Hash(RedisKey key) => _hashes.GetOrAdd(key!, _ => new(StringComparer.Ordinal));

    private Task<RedisResult> Announce(RedisKey[] keys, RedisValue[] values)
    {
        Keys[keys[1]!] = "1";
        Hash(keys[0])[values[0]!] = values[2]!;
        return Task.FromResult(RedisResult.Create((RedisValue)1));
    }

    private Task Set(RedisKey key, HashEntry[] entries)
    {
        foreach (var entry in entries)
            Hash(key)[entry.Name!] = entry.Value!;
        return Task.CompletedTask;
    }
}
