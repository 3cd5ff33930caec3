using Jarvis.Gateway.Health;
using Jarvis.Gateway.Tests.Services;
using Jarvis.ServiceDefaults.Health;

namespace Jarvis.Gateway.Tests.Health;

public sealed class PartsOfAllTests
{
    private readonly Clock _clock = new();
    private readonly PartsOfAll _parts;

    public PartsOfAllTests() => _parts = new(new StateMemory(_clock));

    [Fact]
    public void Part_IsAsBadAsTheWorstThatUsesItSays()
    {
        var part = Of(
            Service("catalog", true, ("postgres", "degraded", false)), Service("workflows", true, ("postgres", "unhealthy", true)), Service("telemetry", true, ("self", "healthy", true)))["postgres"];
        Assert.Equal(("unhealthy", true, "said by workflows"), (part.Status, part.Required, part.Detail));
        Assert.Equal(["catalog", "workflows"], part.UsedBy);
    }

    [Fact]
    public void Part_OfAnOptionalServiceOnly_IsOptional() =>
        Assert.False(Of(Service("workflows", false, ("postgres", "healthy", true)))["postgres"].Required);

    [Fact]
    public void Part_ThatNobodyConfigured_IsNeitherWellNorIll_AndOneThatIsConfiguredCounts()
    {
        var unnamed = Of(Service("workflows", true, ("n8n", "not_configured", false)))["n8n"];
        Assert.Equal(("not_configured", false), (unnamed.Status, unnamed.Required));
        Assert.Equal("healthy", Of(Service("catalog", true, ("n8n", "healthy", false)), Service("workflows", true, ("n8n", "not_configured", false)))["n8n"].Status);
        Assert.Equal("degraded", Of(Service("catalog", true, ("n8n", "degraded", false)), Service("workflows", true, ("n8n", "not_configured", false)))["n8n"].Status);
    }

    [Theory]
    [InlineData(1, 1, 0, 1, 1)]
    [InlineData(1, 1, 2, 2, 2)]
    [InlineData(1, 0, 2, 2, 0)]
    [InlineData(2, 1, 2, 2, 1)]
    [InlineData(2, 2, 1, 2, 2)]
    public void Replicas_AreProcesses_NotAddresses(int addresses, int answering, int processes, int known, int answer) =>
        Assert.Equal(new ReplicaCount(known, answer), new ReplicaCount(addresses, answering).Of(processes));

    [Fact]
    public void Since_IsKeptUntilTheStateChanges()
    {
        var first = Of(Service("workflows", true, ("n8n", "healthy", false)))["n8n"].Since;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(first, Of(Service("workflows", true, ("n8n", "healthy", false)))["n8n"].Since);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var changed = Of(Service("workflows", true, ("n8n", "degraded", false)))["n8n"];
        Assert.Equal(_clock.GetUtcNow(), changed.Since);
    }

    [Fact]
    public void Part_WhoseUsersAreSilent_IsUnknownAndNotForgotten()
    {
        Of(Service("workflows", true, ("n8n", "healthy", false)));
        var silent = Of(Service("workflows", true))["n8n"];
        Assert.Equal(("unknown", null), (silent.Status, silent.LatencyMs));
        Assert.Equal("healthy", Of(Service("workflows", true, ("n8n", "healthy", false)))["n8n"].Status);
    }

    private IReadOnlyDictionary<string, PartHealth> Of(params (string Name, ServiceHealth Health)[] services) =>
        _parts.Of(services.ToDictionary(service => service.Name, service => service.Health, StringComparer.Ordinal));

    private static (string Name, ServiceHealth Health) Service(string name, bool required, params (string Name, string Status, bool Required)[] checks) =>
        (name, new ServiceHealth("healthy", required, 1, DateTimeOffset.UnixEpoch, new(1, 1),
            checks.ToDictionary(check => check.Name, check => new HealthCheckAnswer(check.Status, 2, $"said by {name}", check.Required, check.Name != "self"), StringComparer.Ordinal), null));
}
