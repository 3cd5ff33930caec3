using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class MessageBusTests
{
    [Fact]
    public async Task Publish_WhateverTheClientThrows_IsOnlyFalse()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        var bus = new MessageBus(services, TimeProvider.System, NullLogger<MessageBus>.Instance);
        Assert.False(await bus.PublishAsync("jarvis.test", 1, CancellationToken.None));
    }
}
