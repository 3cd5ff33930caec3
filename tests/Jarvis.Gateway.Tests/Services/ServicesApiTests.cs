using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Jarvis.Gateway.Tests.Services;

public sealed class ServicesApiTests
{
    [Fact]
    public async Task Services_WithoutRedis_AreThoseOfTheProxy()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--HotCache:TtlMs=0");
        for (var i = 0; i < 5; i++)
            (await gateway.SendAsync("/api/v2/agents")).Dispose();
        var data = await DataAsync(gateway, "/api/v2/services");
        Assert.True(data.GetProperty("partial").GetBoolean());
        Assert.Equal(["catalog", "gateway", "telemetry", "workflows"], data.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("name").GetString()));
        var catalog = Row(data, "catalog");
        Assert.Equal(("healthy", "closed", 1), (catalog.GetProperty("health").GetString(), catalog.GetProperty("circuit").GetString(), catalog.GetProperty("replicas").GetInt32()));
        var traffic = catalog.GetProperty("traffic");
        Assert.Equal((5, 0.0), (traffic.GetProperty("total_requests").GetInt32(), traffic.GetProperty("error_rate").GetDouble()));
        Assert.InRange(traffic.GetProperty("p50_ms").GetDouble(), 0.01, traffic.GetProperty("p95_ms").GetDouble());
        Assert.Equal(0, Row(data, "telemetry").GetProperty("traffic").GetProperty("total_requests").GetInt32());
        Assert.Equal(JsonValueKind.Null, Row(data, "gateway").GetProperty("traffic").ValueKind);
    }

    [Fact]
    public async Task Services_WithRedis_HaveTheirProcesses()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var catalog = await FakeProcess.StartAsync(redis, "Catalog");
        await using var replica = await FakeProcess.StartAsync(redis, "Catalog");
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.Add(new(typeof(StackExchange.Redis.IConnectionMultiplexer), redis.Connection)));
        var data = await DataAsync(gateway, "/api/v2/services");
        var row = Row(data, "catalog");
        Assert.Equal(2, row.GetProperty("replicas").GetInt32());
        Assert.Equal(
            new[] { catalog.Identity.Instance, replica.Identity.Instance }.Order(StringComparer.Ordinal),
            row.GetProperty("instances").EnumerateArray().Select(one => one.GetProperty("instance").GetString()).Order(StringComparer.Ordinal));
        // Both stand behind the one address that the proxy knows.
        var replicas = (await DataAsync(gateway, "/health/catalog")).GetProperty("replicas");
        Assert.Equal((2, 2), (replicas.GetProperty("known").GetInt32(), replicas.GetProperty("answering").GetInt32()));
    }

    [Fact]
    public async Task Caches_AreThoseOfEachProcess_AndOneThatHasNoneSaysSo()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var workflows = await FakeProcess.StartAsync(redis, "Workflows");
        await using var telemetry = await FakeProcess.StartAsync(redis, "Telemetry");
        await using var replica = await FakeProcess.StartAsync(redis, "Telemetry");
        await using var without = await FakeProcess.StartAsync(redis, "Without", services => services.RemoveAll<ICountedCache>());
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton(redis.Connection));
        await FakeProcess.UntilAsync(() => Task.FromResult(gateway.Services.GetRequiredService<ControlBus>().IsListening));

        var stats = await DataAsync(gateway, "/api/v2/cache/stats");
        Assert.Empty(stats.GetProperty("unreachable").EnumerateArray());
        var counts = stats.GetProperty("instances").EnumerateArray().ToDictionary(Name, one => one.GetProperty("caches").GetInt32(), StringComparer.Ordinal);
        Assert.Equal(6, counts.Count);
        Assert.Equal([1, 1, 1, 0], new[] { workflows, telemetry, replica, without }.Select(one => counts[$"{one.Identity.Service}/{one.Identity.Instance}"]));
        Assert.Equal(
            new[] { workflows, telemetry, replica }.Select(one => $"{one.Identity.Service}/{one.Identity.Instance}").Order(StringComparer.Ordinal),
            stats.GetProperty("caches").EnumerateArray().Select(Name).Where(name => name[0] is 't' or 'w').Order(StringComparer.Ordinal));

        using var response = await gateway.Client.PostAsync(new Uri("/api/v2/cache/clear", UriKind.Relative), null);
        var cleared = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        var confirmed = cleared.GetProperty("instances").EnumerateArray().ToDictionary(Name, one => one.GetProperty("cleared").GetArrayLength(), StringComparer.Ordinal);
        Assert.Equal(counts, confirmed);
        Assert.Contains("telemetry/verified-callers", cleared.GetProperty("cleared").EnumerateArray().Select(one => one.GetString()));
        Assert.Contains("workflows/verified-callers", cleared.GetProperty("cleared").EnumerateArray().Select(one => one.GetString()));

        static string Name(JsonElement one) => $"{one.GetProperty("service").GetString()}/{one.GetProperty("instance").GetString()}";
    }

    [Fact]
    public async Task Antigravity_IsGroundedWhenARequiredServiceIsDown_AndItsFormulaHolds()
    {
        await using var gateway = await GatewayHost.StartAsync();
        for (var i = 0; i < 3; i++)
            (await gateway.SendAsync("/api/v2/agents")).Dispose();
        var data = await DataAsync(gateway, "/api/v2/antigravity/status");
        Assert.Equal(("grounded", "on"), (data.GetProperty("status").GetString(), data.GetProperty("gravity").GetString()));
        var (services, circuits, requests) = (data.GetProperty("services"), data.GetProperty("circuits"), data.GetProperty("requests"));
        Assert.Equal((2, 4), (services.GetProperty("up").GetInt32(), services.GetProperty("total").GetInt32()));
        Assert.Equal((1, 2), (requests.GetProperty("passed_on").GetInt32(), requests.GetProperty("from_memory").GetInt32()));
        var expected = 1_000.0 * 2 / 4 * circuits.GetProperty("closed").GetInt32() / circuits.GetProperty("total").GetInt32() * (1 - requests.GetProperty("error_rate").GetDouble());
        Assert.Equal(expected, data.GetProperty("altitude_m").GetDouble(), 0.1);
    }

    private static JsonElement Row(JsonElement data, string name) => data.GetProperty("services").EnumerateArray().Single(service => service.GetProperty("name").GetString() == name);

    private static async Task<JsonElement> DataAsync(GatewayHost gateway, string path) =>
        (await gateway.Client.GetFromJsonAsync<JsonElement>(path)).GetProperty("data");
}
