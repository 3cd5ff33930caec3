using System.Reflection;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>Passes every call on to a connection of Redis, but for the messages that are to be lost.</summary>
public class LossyRedis : DispatchProxy
{
    private object _target = null!;
    private Func<string, string, bool> _loses = null!;

    /// <summary>The same connection, without the messages of which <paramref name="loses"/> says so, by topic and text.</summary>
    public static T Over<T>(T target, Func<string, string, bool> loses)
        where T : class
    {
        var proxy = Create<T, LossyRedis>();
        var lossy = (LossyRedis)(object)proxy;
        (lossy._target, lossy._loses) = (target, loses);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(ISubscriber.PublishAsync) && _loses(args![0]!.ToString()!, args[1]!.ToString()!))
            return Task.FromResult(0L);
        var result = targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null);
        return result is ISubscriber subscriber ? Over(subscriber, _loses) : result;
    }
}
