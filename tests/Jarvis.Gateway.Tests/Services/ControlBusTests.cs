using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Registry;

namespace Jarvis.Gateway.Tests.Services;

public sealed class ControlBusTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private RedisServer _redis = null!;
    private FakeProcess _gateway = null!;
    private FakeProcess _one = null!;
    private FakeProcess _two = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _gateway = await FakeProcess.StartAsync(_redis, "Gateway");
        _one = await FakeProcess.StartAsync(_redis, "Workflows", services => services.AddControlHandler<string, string>("echo", (_, said, _) => Task.FromResult($"one {said}")));
        _two = await FakeProcess.StartAsync(_redis, "Workflows", services => services.AddControlHandler<string, string>("echo", (_, _, _) => throw new InvalidDataException()));
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Instances_AreKnownUntilTheyLeave()
    {
        var three = await FakeProcess.StartAsync(_redis, "Catalog");
        var identity = three.Identity;
        Assert.Equal(
            [("catalog", identity.Instance), ("gateway", _gateway.Identity.Instance)],
            (await _gateway.InstancesAsync()).Where(one => one.Service != "workflows").Select(one => (one.Service, one.Instance)));
        await three.DisposeAsync();
        Assert.DoesNotContain(identity, await _gateway.InstancesAsync());
    }

    [Fact]
    public async Task Ask_OfMany_HearsEachOne()
    {
        var replies = await _gateway.Bus.AskAsync(CircuitCommands.List, null, [_one.Identity, _two.Identity], Limit, CancellationToken.None);
        Assert.Equal(
            new[] { _one.Identity.Instance, _two.Identity.Instance }.Order(StringComparer.Ordinal),
            replies!.Select(reply => reply.As<IReadOnlyList<CircuitReport>>()!.Single(circuit => circuit.Name == "n8n").Instance).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ask_OfOneThatFails_SaysSo()
    {
        var replies = await _gateway.Bus.AskAsync("echo", "hello", [_one.Identity, _two.Identity], Limit, CancellationToken.None);
        Assert.Equal("one hello", Assert.Single(replies!, reply => !reply.Failed).As<string>());
        Assert.Equal(_two.Identity.Instance, Assert.Single(replies!, reply => reply.Failed).Instance);
    }

    [Fact]
    public async Task Ask_ForSomethingUnknown_IsAnsweredWithNothing()
    {
        var reply = Assert.Single((await _gateway.Bus.AskAsync("of the future", null, [_one.Identity], Limit, CancellationToken.None))!);
        Assert.Null(reply.As<string>());
        Assert.False(reply.Failed);
    }

    [Fact]
    public async Task Ask_WhoseAnswerIsLost_EndsInTimeWithTheOthers()
    {
        _redis.Loses = (topic, message) => topic == _gateway.Bus.ReplyTopic && message.Contains(_two.Identity.Instance, StringComparison.Ordinal);
        var replies = await _gateway.Bus.AskAsync(CircuitCommands.List, null, [_one.Identity, _two.Identity], TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal(_one.Identity.Instance, Assert.Single(replies!).Instance);
    }

    [Fact]
    public async Task Ask_OfOneThatIsGone_EndsInTime()
    {
        var gone = new InstanceIdentity("workflows", "ffffffff", "1", DateTimeOffset.UnixEpoch);
        Assert.Empty((await _gateway.Bus.AskAsync(CircuitCommands.List, null, [gone], Short, CancellationToken.None))!);
    }
}
