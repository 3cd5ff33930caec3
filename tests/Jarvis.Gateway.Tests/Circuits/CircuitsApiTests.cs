using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.Gateway.Circuits;
using Jarvis.Gateway.Tests.Services;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.Circuits;

/// <summary>The gateway's own circuit for the catalog, without Redis.</summary>
public sealed class CircuitsApiTests : IAsyncLifetime
{
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync() => _gateway = await GatewayHost.StartAsync(null, "--HotCache:TtlMs=0", "--Services:MinimumThroughput=2");

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Fact]
    public async Task Isolate_ThenReset_StopsAndLetsThrough()
    {
        await AgentsAsync(HttpStatusCode.OK);
        using var isolated = await _gateway.Client.PostAsJsonAsync("/api/v2/circuit-breakers/catalog/isolate", new { reason = "maintenance" });
        var data = (await isolated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        Assert.Equal("gateway/catalog", data.GetProperty("circuits").EnumerateArray().Single().GetString());
        var circuit = data.GetProperty("confirmed").EnumerateArray().Single();
        Assert.Equal(("isolated", "maintenance"), (circuit.GetProperty("state").GetString(), circuit.GetProperty("reason").GetString()));
        Assert.True(data.GetProperty("partial").GetBoolean());
        Assert.True(data.GetProperty("lasting").GetBoolean());

        var problem = await AgentsAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("CIRCUIT_OPEN", "catalog"), (problem.GetProperty("error_code").GetString(), problem.GetProperty("service").GetString()));

        using var reset = await _gateway.Client.PostAsync("/api/v2/circuit-breakers/gateway/catalog/reset", null);
        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        await AgentsAsync(HttpStatusCode.OK);
        Assert.Equal(
            [("circuit.isolate", "success", "gateway/catalog"), ("circuit.reset", "success", "gateway/catalog")],
            _gateway.Audit.Entries.Select(entry => (entry.Action, entry.Outcome, entry.Target!)));
    }

    [Fact]
    public async Task Circuit_OfAServiceThatNobodyAskedYet_CanBeIsolated()
    {
        (await _gateway.Client.PostAsync("/api/v2/circuit-breakers/catalog/isolate", null)).Dispose();
        await AgentsAsync(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task List_ShowsEachCircuitAndWhoDidNotAnswer()
    {
        await AgentsAsync(HttpStatusCode.OK);
        var data = (await _gateway.Client.GetFromJsonAsync<JsonElement>("/api/v2/circuit-breakers")).GetProperty("data");
        var circuit = data.GetProperty("circuit_breakers").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "catalog");
        Assert.Equal(("gateway", "closed", 0, 1), (circuit.GetProperty("service").GetString(), circuit.GetProperty("state").GetString(),
            circuit.GetProperty("failures").GetInt32(), circuit.GetProperty("successes").GetInt32()));
        Assert.Equal(["telemetry", "workflows"], data.GetProperty("unreachable").EnumerateArray().Select(one => one.GetString()));
        Assert.True(data.GetProperty("partial").GetBoolean());
    }

    [Theory]
    [InlineData("/api/v2/circuit-breakers/nope/reset")]
    [InlineData("/api/v2/circuit-breakers/catalog/catalog/isolate")]
    public async Task Circuit_ThatIsUnknown_Is404WithThoseThatThereAre(string path)
    {
        await AgentsAsync(HttpStatusCode.OK);
        using var response = await _gateway.Client.PostAsync(path, null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("gateway/catalog", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reason_ThatIsTooLong_IsNamed()
    {
        await AgentsAsync(HttpStatusCode.OK);
        using var response = await _gateway.Client.PostAsJsonAsync("/api/v2/circuit-breakers/catalog/isolate", new { reason = new string('x', 201) });
        Assert.Equal(422, (int)response.StatusCode);
        Assert.True((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty("reason", out _));
    }

    [Fact]
    public async Task Service_ThatIsDown_IsNamedAndSoonNotAskedAnyMore()
    {
        var codes = new List<string?>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await _gateway.SendAsync("/api/v2/tasks/recent");
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal((503, "workflows"), ((int)response.StatusCode, problem.GetProperty("service").GetString()));
            Assert.NotNull(response.Headers.RetryAfter);
            codes.Add(problem.GetProperty("error_code").GetString());
        }
        Assert.Equal("SERVICE_UNAVAILABLE", codes[0]);
        Assert.Equal("CIRCUIT_OPEN", codes[3]);
    }

    [Theory]
    [InlineData("isolate")]
    [InlineData("reset")]
    public async Task Command_ThatCannotBeWrittenDown_IsNotDone(string command)
    {
        using (var before = await _gateway.Client.PostAsync($"/api/v2/circuit-breakers/catalog/{(command == "reset" ? "isolate" : "reset")}", null))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        var told = _gateway.Audit.Entries.Count;
        Store.IsAway = true;
        using var refused = await _gateway.Client.PostAsync($"/api/v2/circuit-breakers/catalog/{command}", null);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((503, "postgres"), ((int)refused.StatusCode, problem.GetProperty("service").GetString()));
        Assert.Equal(told, _gateway.Audit.Entries.Count);
        await AgentsAsync(command == "reset" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
    }

    [Fact]
    public async Task CachesAreNotCleared_WhenTheAuditLogCannotTakeIt()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--HotCache:TtlMs=60000");
        await gateway.VersionAsync();
        gateway.Audit.Fault = Failure.Unavailable("postgres", "Postgres does not answer. Try again shortly.").AsException();
        using (var refused = await gateway.Client.PostAsync("/api/v2/cache/clear", null))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        await gateway.VersionAsync();
        Assert.Equal(1, gateway.Catalog.Asked("/api/v2/agents"));
        gateway.Audit.Fault = null;
        (await gateway.Client.PostAsync("/api/v2/cache/clear", null)).Dispose();
        await gateway.VersionAsync();
        Assert.Equal((2, "cache.clear"), (gateway.Catalog.Asked("/api/v2/agents"), Assert.Single(gateway.Audit.Entries).Action));
    }

    [Fact]
    public async Task Isolation_IsThereWhenTheGatewayStartsAgain()
    {
        (await _gateway.Client.PostAsJsonAsync("/api/v2/circuit-breakers/catalog/isolate", new { reason = "maintenance" })).Dispose();
        await using var again = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<ICircuitDecisionStore>(Store), "--HotCache:TtlMs=0");
        await FakeProcess.UntilAsync(async () =>
        {
            using var response = await again.SendAsync("/api/v2/agents");
            return response.StatusCode == HttpStatusCode.ServiceUnavailable;
        });
        var all = (await again.Client.GetFromJsonAsync<JsonElement>("/api/v2/circuit-breakers")).GetProperty("data").GetProperty("circuit_breakers");
        Assert.Equal("maintenance", all.EnumerateArray().Single(one => one.GetProperty("name").GetString() == "catalog").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Isolation_OfAServiceThatIsDown_CanBeTakenBack()
    {
        Store.Decide(["workflows/n8n"], isolated: true);
        using var response = await _gateway.Client.PostAsync("/api/v2/circuit-breakers/n8n/reset", null);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((503, "workflows"), ((int)response.StatusCode, problem.GetProperty("service").GetString()));
        Assert.False(Assert.Single(await Store.ReadAsync(CancellationToken.None)).Isolated);
        Assert.Equal("circuit.reset", Assert.Single(_gateway.Audit.Entries).Action);
    }

    private MemoryDecisions Store => (MemoryDecisions)_gateway.Services.GetRequiredService<ICircuitDecisionStore>();

    private async Task<JsonElement> AgentsAsync(HttpStatusCode status)
    {
        using var response = await _gateway.SendAsync("/api/v2/agents");
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
