using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>
/// What this process listens to, each handler once: the client remembers one also when subscribing failed, so that an attempt after another would have every message
/// handled several times.
/// </summary>
internal sealed class RedisSubscriptions
{
    private readonly ConcurrentDictionary<(string Topic, Delegate Handler), Action<RedisChannel, RedisValue>> _held = new();

    /// <summary>Subscribes <paramref name="read"/>, unless <paramref name="handler"/> has been given for this topic before: then what was given then is subscribed anew.</summary>
    public Task SubscribeAsync(ISubscriber subscriber, string topic, Delegate handler, Action<RedisChannel, RedisValue> read)
    {
        var channel = new RedisChannel(topic, RedisChannel.PatternMode.Literal);
        var held = _held.GetOrAdd((topic, handler), read);
        if (!ReferenceEquals(held, read))
            subscriber.Unsubscribe(channel, held, CommandFlags.FireAndForget);
        return subscriber.SubscribeAsync(channel, held);
    }
}
