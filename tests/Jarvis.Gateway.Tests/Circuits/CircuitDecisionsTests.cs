using Jarvis.Gateway.Circuits;
using Jarvis.Gateway.Tests.Services;
using Jarvis.ServiceDefaults.Circuits;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.Circuits;

/// <summary>How what an operator decided comes to every process, and stays with it, whatever becomes of Redis.</summary>
public sealed class CircuitDecisionsTests : IAsyncLifetime
{
    private const string N8n = "workflows/n8n";
    private readonly MemoryDecisions _store = new(new FakeAuditLog(), TimeProvider.System);
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public Task DisposeAsync() => _redis.DisposeAsync().AsTask();

    [Fact]
    public async Task Isolation_MeetsThoseThatStartLater_AndEndsWithTheNextDecision()
    {
        _store.Decide([N8n], isolated: true, "maintenance");
        await CarryAsync();
        await using var late = await FakeProcess.StartAsync(_redis, "Workflows");
        await using var other = await FakeProcess.StartAsync(_redis, "Catalog");
        await StateAsync(late, CircuitStates.Isolated);
        Assert.Equal("maintenance", late.Report.Reason);
        Assert.Equal(CircuitStates.Closed, other.State);

        _store.Decide([N8n], isolated: false);
        await CarryAsync();
        await StateAsync(late, CircuitStates.Closed);
    }

    [Fact]
    public async Task Isolation_ThatRedisForgets_StaysAndIsCarriedAgain()
    {
        _store.Decide([N8n], isolated: true);
        await CarryAsync();
        await using var process = await FakeProcess.StartAsync(_redis, "Workflows");
        await StateAsync(process, CircuitStates.Isolated);

        await _redis.FlushAsync();
        // It looks anew: there is nothing, and that is no word of anybody.
        await LooksAsync(process);
        Assert.Equal(CircuitStates.Isolated, process.State);

        await CarryAsync();
        await using var late = await FakeProcess.StartAsync(_redis, "Workflows");
        await StateAsync(late, CircuitStates.Isolated);
    }

    [Fact]
    public async Task Isolation_ThatAnOlderCopyLifts_Stays()
    {
        var before = _store.Decide([N8n], isolated: false);
        var old = await _store.ReadAsync(CancellationToken.None);
        _store.Decide([N8n], isolated: true);
        await CarryAsync();
        await using var process = await FakeProcess.StartAsync(_redis, "Workflows");
        await StateAsync(process, CircuitStates.Isolated);

        Assert.True(await new CarriedDecisions(Provider(), TimeProvider.System).CarryAsync(old, CancellationToken.None));
        await LooksAsync(process);
        Assert.Equal(CircuitStates.Isolated, process.State);
        await process.Circuits.ResetAsync("n8n", before, CancellationToken.None);
        Assert.Equal(CircuitStates.Isolated, process.State);
    }

    [Fact]
    public async Task Isolation_IsLearntFromTheGateway_WhileRedisHasNothing()
    {
        _store.Decide([N8n], isolated: true, "maintenance");
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<ICircuitDecisionStore>(_store));
        var address = gateway.Client.BaseAddress!;
        await using var process = await FakeProcess.StartAsync(
            _redis, "Workflows", null, $"--Security:ServiceKey={SignedIn.ServiceKey}", $"--Security:KeysAddress={new Uri(address, ".well-known/jwks.json")}",
            $"--services:{address.Host}:http:0={address}");
        await StateAsync(process, CircuitStates.Isolated);
        Assert.Equal("maintenance", process.Report.Reason);
    }

    [Fact]
    public async Task Gateway_CarriesWhatPostgresHas_AndBelievesRedisWhilePostgresIsAway()
    {
        _store.Decide([N8n], isolated: true);
        await using (var gateway = await StartGatewayAsync())
            await FakeProcess.UntilAsync(async () => await new CarriedDecisions(Provider(), TimeProvider.System).ReadAsync(CancellationToken.None) is [{ Circuit: N8n, Isolated: true }]);

        _store.Decide(["gateway/catalog"], isolated: true);
        await CarryAsync();
        _store.IsAway = true;
        await using var again = await StartGatewayAsync();
        await FakeProcess.UntilAsync(() => Task.FromResult(again.Services.GetRequiredService<CircuitRegistry>().Reports().Single(one => one.Name == "catalog").State == CircuitStates.Isolated));
    }

    private Task<GatewayHost> StartGatewayAsync() => GatewayHost.StartAsync(builder =>
    {
        builder.Services.AddSingleton<ICircuitDecisionStore>(_store);
        builder.Services.AddSingleton(_redis.Connection);
    });

    private static Task StateAsync(FakeProcess process, string state) => FakeProcess.UntilAsync(() =>
    {
        // A new circuit makes it look at once.
        process.Watch("another");
        return Task.FromResult(process.State == state);
    });

    /// <summary>Waits until the process has looked at what was decided: a circuit that was decided about only now has followed.</summary>
    private async Task LooksAsync(FakeProcess process)
    {
        process.Watch("mark");
        var mark = new CircuitDecision("workflows/mark", true, null, TimeProvider.System.GetUtcNow(), 1);
        var carried = new CarriedDecisions(Provider(), TimeProvider.System);
        Assert.True(await carried.CarryAsync([mark], CancellationToken.None));
        await FakeProcess.UntilAsync(() =>
        {
            process.Watch("another");
            return Task.FromResult(process.Circuits.Reports().Single(one => one.Name == "mark").State == CircuitStates.Isolated);
        });
    }

    /// <summary>As a gateway does with each look.</summary>
    private async Task CarryAsync() =>
        Assert.NotNull(await new KeptDecisions(_store, new CarriedDecisions(Provider(), TimeProvider.System)).ReadAsync(CancellationToken.None));

    private ServiceProvider Provider() => new ServiceCollection().AddSingleton(_redis.Connection).BuildServiceProvider();
}
