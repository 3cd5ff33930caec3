using Jarvis.AppHost.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.AppHost.Tests;

public sealed class AppHostCallsTests
{
    [Fact]
    public void Client_OfTheDashboardsCommands_GoesThroughNoProxy()
    {
        var collection = new ServiceCollection();
        collection.AddAppHostCalls();
        using var services = collection.BuildServiceProvider();
        var handler = services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(AppHostCalls.ClientName);
        while (handler is DelegatingHandler { InnerHandler: { } inner })
            handler = inner;
        Assert.False(Assert.IsType<SocketsHttpHandler>(handler).UseProxy);
    }
}
