using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>What the gateway says of the whole.</summary>
[Collection(StackCollection.Name)]
public sealed class SystemRoutesTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Health_HasEveryServiceAndWhatTheyDependOn()
    {
        using var response = await jarvis.Client.GetAsync("/health");
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var data = body.GetProperty("data");
        Assert.Equal(["catalog", "gateway", "telemetry", "workflows"], data.GetProperty("services").EnumerateObject().Select(service => service.Name));
        var parts = data.GetProperty("parts");
        Assert.True(parts.GetProperty("postgres").GetProperty("required").GetBoolean());
        foreach (var optional in (string[])["redis", "n8n"])
        {
            var part = parts.GetProperty(optional);
            Assert.False(part.GetProperty("required").GetBoolean());
            Assert.Contains("workflows", part.GetProperty("used_by").EnumerateArray().Select(service => service.GetString()));
            Assert.True(part.GetProperty("since").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow().AddSeconds(5));
        }
        using var one = await jarvis.Client.GetAsync("/health/postgres");
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
    }

    [Fact]
    public async Task Services_HaveTheirProcessesAndFigures()
    {
        await jarvis.GetAsync("/api/v2/tasks/recent");
        var row = await Eventually.GetAsync("workflows has announced itself and been measured", TimeSpan.FromSeconds(20), async () =>
        {
            var services = await jarvis.GetAsync("/api/v2/services");
            var found = services.GetProperty("services").EnumerateArray().Single(service => service.GetProperty("name").GetString() == "workflows");
            return found.GetProperty("instances").GetArrayLength() > 0 && found.GetProperty("traffic").GetProperty("total_requests").GetInt64() > 0 ? found.GetRawText() : null;
        });
        var workflows = JsonSerializer.Deserialize<JsonElement>(row);
        Assert.Equal(1, workflows.GetProperty("replicas").GetInt32());
        Assert.True(workflows.GetProperty("traffic").GetProperty("total_requests").GetInt64() > 0);
        Assert.True(workflows.GetProperty("traffic").GetProperty("p50_ms").GetDouble() <= workflows.GetProperty("traffic").GetProperty("p95_ms").GetDouble());
    }

    [Fact]
    public async Task Antigravity_SaysWhatTheOtherRoutesSay()
    {
        var status = await jarvis.GetAsync("/api/v2/antigravity/status");
        Assert.Equal(4, status.GetProperty("services").GetProperty("total").GetInt32());
        Assert.True(status.GetProperty("uptime_ms").GetInt64() > 0);
        var (services, circuits, requests) = (status.GetProperty("services"), status.GetProperty("circuits"), status.GetProperty("requests"));
        var altitude = 1_000.0 * services.GetProperty("up").GetInt32() / services.GetProperty("total").GetInt32()
            * circuits.GetProperty("closed").GetInt32() / circuits.GetProperty("total").GetInt32() * (1 - requests.GetProperty("error_rate").GetDouble());
        Assert.Equal(altitude, status.GetProperty("altitude_m").GetDouble(), 0.1);
    }

    [Fact]
    public async Task Clear_OfAllCaches_IsConfirmedByEachProcess()
    {
        await jarvis.GetAsync("/api/v2/agents");
        using var response = await jarvis.Client.PostAsync("/api/v2/cache/clear", null);
        var data = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        Assert.Empty(data.GetProperty("unreachable").EnumerateArray());
        var services = data.GetProperty("instances").EnumerateArray().Select(one => one.GetProperty("service").GetString()).ToArray();
        Assert.Contains("catalog", services);
        Assert.Contains("gateway", services);
        Assert.All(data.GetProperty("instances").EnumerateArray(), one => Assert.Equal(8, one.GetProperty("instance").GetString()!.Length));
    }
}
