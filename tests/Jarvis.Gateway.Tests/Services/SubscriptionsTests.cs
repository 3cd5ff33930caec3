using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>A handler that is subscribed again, after an attempt that seemed to fail, hears each message once.</summary>
public sealed class SubscriptionsTests : IAsyncLifetime
{
    private readonly List<int> _heard = [];
    private RedisServer _redis = null!;
    private ServiceProvider _services = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _services = new ServiceCollection().AddSingleton(_redis.Connection).BuildServiceProvider();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Message_AfterManyAttempts_IsHeardOnce()
    {
        var bus = new MessageBus(_services, TimeProvider.System, NullLogger<MessageBus>.Instance);
        for (var attempt = 0; attempt < 5; attempt++)
            await bus.SubscribeAsync<int>("jarvis.test", Hear);
        for (var n = 1; n <= 3; n++)
            Assert.True(await bus.PublishAsync("jarvis.test", n, CancellationToken.None));
        // Each is handed to a thread of its own: they come in any order.
        await FakeProcess.UntilAsync(() => Task.FromResult(Heard().Distinct().Count() == 3));
        Assert.Equal([1, 2, 3], Heard().Order());
    }

    private void Hear(Message<int> message)
    {
        lock (_heard)
            _heard.Add(message.Data);
    }

    private int[] Heard()
    {
        lock (_heard)
            return [.. _heard];
    }
}
