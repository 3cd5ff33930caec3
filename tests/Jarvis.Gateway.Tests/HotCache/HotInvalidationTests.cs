using Jarvis.Gateway.HotCache;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.HotCache;

/// <summary>The gateway with a Redis whose every word the test says.</summary>
public sealed class HotInvalidationTests : IAsyncLifetime
{
    private readonly IConnectionMultiplexer _redis = Substitute.For<IConnectionMultiplexer>();
    private readonly TaskCompletionSource<Action<RedisChannel, RedisValue>> _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _ping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync()
    {
        var subscriber = Substitute.For<ISubscriber>();
        _redis.GetSubscriber(Arg.Any<object>()).Returns(subscriber);
        subscriber.SubscribeAsync(default, default(Action<RedisChannel, RedisValue>)!, default).ReturnsForAnyArgs(call =>
        {
            if (call.Arg<RedisChannel>() == HotInvalidation.Topic)
                _subscribed.TrySetResult(call.Arg<Action<RedisChannel, RedisValue>>());
            return Task.CompletedTask;
        });
        subscriber.PingAsync(default).ReturnsForAnyArgs(_ping.Task);
        _gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton(_redis), "--HotCache:TtlMs=60000");
    }

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Fact]
    public async Task Message_OfAnotherVersion_DropsWhatIsKept()
    {
        var tell = await _subscribed.Task;
        await KeptAsync();
        tell(RedisChannel.Literal("jarvis.catalog"), """{"timestamp":"2026-01-01T00:00:00Z","correlation_id":"a","data":{"version":"one","changed":0}}""");
        tell(RedisChannel.Literal("jarvis.catalog"), "not JSON");
        Assert.Equal("one", await _gateway.VersionAsync());
        tell(RedisChannel.Literal("jarvis.catalog"), """{"timestamp":"2026-01-01T00:00:00Z","correlation_id":"a","data":{"version":"two","changed":1}}""");
        Assert.Equal("two", await _gateway.VersionAsync());
    }

    [Fact]
    public async Task Connection_ThatIsBack_DropsAtOnceAndWhenTheSubscriptionStands()
    {
        await _subscribed.Task;
        await KeptAsync();
        var before = _gateway.Answers.Generation;
        _redis.ConnectionRestored += Raise.Event<EventHandler<ConnectionFailedEventArgs>>(_redis, null);
        await GenerationAsync(before + 1);
        _ping.SetResult(TimeSpan.Zero);
        await GenerationAsync(before + 2);
        Assert.Equal("two", await _gateway.VersionAsync());
    }

    /// <summary>Answers of version one are kept while the catalog is at version two already.</summary>
    private async Task KeptAsync()
    {
        do
        {
            // The drop that follows the subscription may come in between.
            _gateway.Catalog.Version = "one";
            await _gateway.VersionAsync();
        }
        while (_gateway.Answers.Stats("gateway").Entries == 0);
        _gateway.Catalog.Version = "two";
    }

    private async Task GenerationAsync(long reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (_gateway.Answers.Generation < reached)
            await Task.Delay(5, limit.Token);
    }
}
