using Jarvis.Gateway.Health;
using Jarvis.Gateway.Tests.Services;
using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.Gateway.Tests.Health;

public sealed class StateTimesTests : IAsyncLifetime
{
    private readonly Clock _clock = new();
    private RedisServer _redis = null!;
    private Gateway _gateway = null!;
    private DateTimeOffset _started;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _started = _clock.GetUtcNow();
        _gateway = NewGateway();
        _clock.Advance(TimeSpan.FromMinutes(1));
    }

    public Task DisposeAsync() => _redis.DisposeAsync().AsTask();

    [Fact]
    public async Task Service_StartedAnewBetweenTwoLooks_IsWellSinceThen()
    {
        var first = await SinceAsync(_gateway, "healthy", Instance(_started));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, await SinceAsync(_gateway, "healthy", Instance(_started)));
        var again = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(again, await SinceAsync(_gateway, "healthy", Instance(again)));
        Assert.Equal(again, await SinceAsync(NewGateway(), "healthy", Instance(again)));
    }

    [Fact]
    public async Task Service_OfWhichOneReplicaIsStartedAnew_StaysWell()
    {
        var first = await SinceAsync(_gateway, "healthy", Instance(_started), Instance(_started));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, await SinceAsync(_gateway, "healthy", Instance(_started), Instance(_clock.GetUtcNow())));
    }

    [Fact]
    public async Task Service_ThatIsDown_StaysSoHoweverOftenItIsStarted()
    {
        var first = await SinceAsync(_gateway, "unhealthy");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, await SinceAsync(_gateway, "unhealthy", Instance(_clock.GetUtcNow())));
    }

    [Fact]
    public async Task Gateway_StartedAnew_SaysWhatTheOneBeforeSaw()
    {
        var first = await SinceAsync(_gateway, "healthy", Instance(_started));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(first, await SinceAsync(NewGateway(), "healthy", Instance(_started)));
    }

    [Fact]
    public async Task Part_WhoseOnlyUserIsStartedAnew_IsInItsStateAsLongAsBefore()
    {
        var first = (await PartAsync("degraded", Instance(_started)))!.Since;
        _clock.Advance(TimeSpan.FromMinutes(1));
        var silent = await PartAsync(null, Instance(_started));
        Assert.Equal(("unknown", _clock.GetUtcNow()), (silent!.Status, silent.Since));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, (await PartAsync("degraded", Instance(_started)))!.Since);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(_clock.GetUtcNow(), (await PartAsync(null, Instance(_started)))!.Since);
    }

    private static InstanceIdentity Instance(DateTimeOffset startedAt) => new("workflows", "0badcafe", "1", startedAt);

    private static Dictionary<string, ServiceHealth> Services(string status, DateTimeOffset since, string? part = null) => new(StringComparer.Ordinal)
    {
        ["workflows"] = new(status, true, 1, since, new(1, 1), part is null ? [] : new Dictionary<string, HealthCheckAnswer>(StringComparer.Ordinal)
        {
            ["n8n"] = new(part, 1, null, Required: false, Part: true),
        }, null),
    };

    private static async Task<DateTimeOffset> SinceAsync(Gateway gateway, string status, params InstanceIdentity[] instances)
    {
        var services = Services(status, gateway.Memory.Since("service workflows", status));
        await gateway.Times.AgreeAsync(services, [], instances, CancellationToken.None);
        return services["workflows"].Since;
    }

    private async Task<PartHealth?> PartAsync(string? status, params InstanceIdentity[] instances)
    {
        var services = Services("healthy", _clock.GetUtcNow(), status);
        var parts = new Dictionary<string, PartHealth>(_gateway.Parts.Of(services), StringComparer.Ordinal);
        await _gateway.Times.AgreeAsync(services, parts, instances, CancellationToken.None);
        return parts.GetValueOrDefault("n8n");
    }

    private Gateway NewGateway()
    {
        var memory = new StateMemory(_clock);
        var services = new ServiceCollection().AddSingleton<IConnectionMultiplexer>(_redis.Connection).BuildServiceProvider();
        // Redis has time of its own, which the tests' does not hurry.
        return new(memory, new(memory, new SharedSince(services, TimeProvider.System)), new(memory));
    }

    private sealed record Gateway(StateMemory Memory, StateTimes Times, PartsOfAll Parts);
}
