using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Health;

/// <summary>The gateway with a catalog that answers; workflows and telemetry do not.</summary>
public sealed class HealthApiTests
{
    private const string Secret = "Host=10.0.0.1;Password=swordfish";

    [Fact]
    public async Task Health_WithARequiredServiceDown_Is503AndNamesIt()
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var response = await gateway.SendAsync("/health");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("Down: telemetry, workflows.", problem.GetProperty("detail").GetString());
        Assert.Equal(["catalog", "gateway", "telemetry", "workflows"], problem.GetProperty("services").EnumerateObject().Select(service => service.Name));
        // There is no Redis here, and the gateway's own check says so.
        var redis = problem.GetProperty("parts").GetProperty("redis");
        Assert.Equal(("degraded", false), (redis.GetProperty("status").GetString(), redis.GetProperty("required").GetBoolean()));
        Assert.Equal("gateway", redis.GetProperty("used_by").EnumerateArray().Single().GetString());
    }

    [Fact]
    public async Task Health_WithOptionalServicesDown_IsDegradedAndSinceStays()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--Health:Optional:0=workflows", "--Health:Optional:1=telemetry", "--Health:CacheMs=0");
        var (first, second) = (await DataAsync(gateway, "/health"), await DataAsync(gateway, "/health"));
        Assert.Equal("degraded", first.GetProperty("status").GetString());
        Assert.Equal(Since(first), Since(second));
        Assert.Equal("healthy", (await DataAsync(gateway, "/health/catalog")).GetProperty("status").GetString());
        Assert.Equal("degraded", (await DataAsync(gateway, "/health/redis")).GetProperty("status").GetString());
        using var unknown = await gateway.SendAsync("/health/nope");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        static string? Since(JsonElement health) => health.GetProperty("services").GetProperty("workflows").GetProperty("since").GetString();
    }

    [Fact]
    public async Task Neighbor_ThatNobodyConfigured_IsSaidEverywhere_AndNothingIsDegradedByIt()
    {
        await using var gateway = await GatewayHost.StartAsync(
            builder =>
            {
                // All services are one here, and it is well.
                foreach (var service in (string[])["workflows", "telemetry"])
                    builder.Configuration[$"ReverseProxy:Clusters:{service}:Destinations:{service}:Address"] = builder.Configuration["ReverseProxy:Clusters:catalog:Destinations:catalog:Address"];
                builder.Services.AddHealthChecks().AddCheck("n8n", () => NotConfigured.Result("Give --n8n URL."), [HealthTags.Part]);
                builder.Services.Configure<HealthCheckServiceOptions>(health => health.Registrations.Remove(health.Registrations.Single(check => check.Name == "redis")));
            });
        var health = await DataAsync(gateway, "/health");
        Assert.Equal("healthy", health.GetProperty("status").GetString());
        AssertUnnamed(health.GetProperty("parts").GetProperty("n8n"));
        AssertUnnamed(await DataAsync(gateway, "/health/n8n"));
        AssertUnnamed((await DataAsync(gateway, "/api/v2/services")).GetProperty("parts").GetProperty("n8n"));
        var status = await DataAsync(gateway, "/api/v2/antigravity/status");
        Assert.Equal("floating", status.GetProperty("status").GetString());
        Assert.Equal((0, 0), (status.GetProperty("parts").GetProperty("up").GetInt32(), status.GetProperty("parts").GetProperty("total").GetInt32()));
        Assert.Equal("n8n", status.GetProperty("parts").GetProperty("not_configured").EnumerateArray().Single().GetString());

        static void AssertUnnamed(JsonElement part)
        {
            Assert.Equal(("not_configured", false), (part.GetProperty("status").GetString(), part.GetProperty("required").GetBoolean()));
            Assert.Equal("Give --n8n URL.", part.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task Health_ForSomebodyUnknown_HasNoDetails()
    {
        await using var gateway = await GatewayHost.StartAsync(builder =>
            builder.Services.AddHealthChecks().AddCheck("broken", () => HealthCheckResult.Degraded(Secret)).AddCheck("throwing", () => throw new InvalidDataException(Secret)));
        gateway.Client.DefaultRequestHeaders.Authorization = null;
        using var response = await gateway.SendAsync("/health");
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains("broken", text, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyProbes_CostOneRound()
    {
        var rounds = 0;
        await using var gateway = await GatewayHost.StartAsync(
            builder => builder.Services.AddHealthChecks().AddCheck("counting", () =>
            {
                Interlocked.Increment(ref rounds);
                return HealthCheckResult.Healthy();
            }),
            "--Health:CacheMs=60000");
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.SendAsync("/health"))))
            response.Dispose();
        Assert.Equal(1, rounds);
        Assert.Equal(1, gateway.Catalog.Asked("/health"));
    }

    [Fact]
    public async Task Check_ThatThrows_HasNoneOfItsExceptionsWords()
    {
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddHealthChecks().AddCheck("throwing", () => throw new InvalidDataException(Secret)));
        var report = await gateway.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        var answer = HealthReports.Answer(report, gateway.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value);
        Assert.Equal("does not answer", answer.Checks["throwing"].Detail);
        Assert.True(answer.Checks["throwing"].Required);
        Assert.True(answer.Checks["redis"] is { Required: false, Part: true, Detail: "does not answer" });
    }

    private static async Task<JsonElement> DataAsync(GatewayHost gateway, string path) =>
        (await gateway.Client.GetFromJsonAsync<JsonElement>(path)).GetProperty("data");
}
