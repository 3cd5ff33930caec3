using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.SignIn;

/// <summary>With Redis hanging, what has ended holds here at once, however much it is.</summary>
public sealed class RevocationsTests
{
    [Fact]
    public async Task Many_HoldHere_BeforeTheFirstIsTold_AndAreToldTogether()
    {
        var redis = Substitute.For<IConnectionMultiplexer>();
        var subscriber = Substitute.For<ISubscriber>();
        redis.GetSubscriber().Returns(subscriber);
        var revoked = new Revoked(new VerifiedCallers(Options.Create(new SecurityOptions()), TimeProvider.System), TimeProvider.System);
        var ended = Enumerable.Range(0, 60).Select(_ => new Revocation(null, Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            TimeProvider.System.GetUtcNow())).ToArray();
        var (asked, heldThen) = (0, 0);
        subscriber.PublishAsync(default, default).ReturnsForAnyArgs(_ =>
        {
            if (asked++ == 0)
                heldThen = ended.Count(one => revoked.Holds(one.SessionId!.Value, Guid.Empty, one.At));
            return new TaskCompletionSource<long>().Task;
        });
        await using var services = new ServiceCollection().AddSingleton(redis)
            .AddSingleton(provider => new MessageBus(provider, TimeProvider.System,
                NullLogger<MessageBus>.Instance)).BuildServiceProvider();
        var told = new Revocations(revoked, services).AnnounceAllAsync(ended, CancellationToken.None);
        Assert.Equal((60, 60), (heldThen, asked));
        await told.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
