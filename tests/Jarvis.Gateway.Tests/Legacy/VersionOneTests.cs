using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Gateway.Legacy;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.Legacy;

public sealed class VersionOneTests : IAsyncLifetime
{
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync() =>
        _gateway = await GatewayHost.StartAsync(null, "--Legacy:DeprecatedSince=2026-02-01T00:00:00Z", "--Legacy:Sunset=2027-02-01T00:00:00Z", "--Legacy:MaxClients=2");

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Theory]
    [InlineData("/api/v1/agents", HttpStatusCode.OK, "/api/v2/agents")]
    [InlineData("/API/V1/Agents/ünï?x=1", HttpStatusCode.NotFound, "/api/v2/agents/%C3%BCn%C3%AF")]
    public async Task Answer_OfVersionOne_SaysThatItEndsAndWhatFollows(string path, HttpStatusCode status, string successor)
    {
        using var response = await _gateway.SendAsync(path);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(["@1769904000"], response.Headers.GetValues("Deprecation"));
        Assert.Equal(["Mon, 01 Feb 2027 00:00:00 GMT"], response.Headers.GetValues("Sunset"));
        Assert.Equal([$"<{successor}>; rel=\"successor-version\""], response.Headers.GetValues("Link"));
        Assert.Contains("2027-02-01", response.Headers.GetValues("X-API-Deprecation").Single(), StringComparison.Ordinal);
        Assert.Contains(successor, response.Headers.GetValues("X-API-Migration").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_OfVersionOne_ComesFromMemoryWithItsHeadersToo()
    {
        using var first = await _gateway.SendAsync("/api/v1/agents");
        using var second = await _gateway.SendAsync("/api/v1/agents");
        Assert.Equal(1, _gateway.Catalog.Asked("/api/v1/agents"));
        Assert.Single(second.Headers.GetValues("Deprecation"));
        var body = await second.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["success", "agents", "count", "metadata"], body.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("/api/v1/tasks/recent")]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/agentsandmore")]
    public async Task Path_ThatVersionOneDoesNotHave_IsToldWhatItHas(string path)
    {
        using var response = await _gateway.SendAsync(path);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("ROUTE_NOT_FOUND", problem.GetProperty("error_code").GetString());
        Assert.Contains("agents, commands, skills, mcp-servers, workflows, search", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(response.Headers.Contains("Deprecation"));
    }

    [Fact]
    public async Task CircuitBreakers_OfVersionOne_AreThoseOfVersionTwo_AndSayThatTheyEnd()
    {
        using var response = await _gateway.SendAsync("/api/v1/circuit-breakers/n8n");
        Assert.Contains("/api/v2/circuit-breakers/n8n", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("instance").GetString(), StringComparison.Ordinal);
        Assert.Equal(["</api/v2/circuit-breakers/n8n>; rel=\"successor-version\""], response.Headers.GetValues("Link"));
    }

    [Fact]
    public async Task VersionTwo_IsNotDeprecated()
    {
        using var response = await _gateway.SendAsync("/api/v2/agents");
        Assert.False(response.Headers.Contains("Deprecation"));
    }

    [Fact]
    public void Clients_AreCountedByProductUpToABound()
    {
        var counted = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "jarvis.gateway.legacy_requests")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            lock (counted)
                counted.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value).Append(count)));
        });
        listener.Start();
        var usage = ActivatorUtilities.CreateInstance<LegacyUsage>(new ServiceCollection().AddMetrics().AddLogging().AddSingleton(TimeProvider.System)
            .Configure<LegacyOptions>(_ => { }).BuildServiceProvider());
        foreach (var agent in (string[])["curl/8.5.0", "", "(evil)", "Mozilla/5.0 (X11)"])
            usage.Count("/own/route", agent);
        foreach (var number in Enumerable.Range(0, 200))
            usage.Count("/own/route", $"client-{number}/1.0");
        var own = counted.Where(each => each.StartsWith("/own/route", StringComparison.Ordinal)).ToList();
        Assert.Equal(204, own.Count);
        Assert.Contains("/own/route curl 1", own);
        Assert.Contains("/own/route unknown 1", own);
        Assert.Contains("/own/route other 1", own);
        Assert.Equal(101, own.Distinct(StringComparer.Ordinal).Count());
    }
}
