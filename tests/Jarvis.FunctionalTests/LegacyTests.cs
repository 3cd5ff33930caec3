using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>An existing client of the old backend finds what it called.</summary>
[Collection(StackCollection.Name)]
public sealed class LegacyTests(JarvisStack jarvis)
{
    [Theory]
    [InlineData("agents", "agents", "tide-watcher")]
    [InlineData("commands", "commands", "tidy-branches")]
    [InlineData("skills", "skills", "release-notes")]
    [InlineData("mcp-servers", "mcp_servers", "harbour")]
    [InlineData("workflows", "workflows", "Test Echo")]
    public async Task VersionOne_ListsByName_AndSaysThatItEnds(string route, string plural, string name)
    {
        using var response = await jarvis.Client.GetAsync($"/api/v1/{route}");
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, body.ToString());
        Assert.Equal(name, body.GetProperty(plural).GetProperty(name).GetProperty("name").GetString());
        Assert.Equal(body.GetProperty(plural).EnumerateObject().Count(), body.GetProperty("count").GetInt32());
        Assert.NotEqual("", body.GetProperty("metadata").GetProperty("correlation_id").GetString());
        AssertDeprecated(response, $"/api/v2/{route}");
    }

    [Theory]
    [InlineData("/api/v1/agents?limit=0", 422, "VALIDATION_ERROR")]
    [InlineData("/api/v1/agents/nobody/at/all", 404, "ROUTE_NOT_FOUND")]
    public async Task VersionOne_Failing_SaysThatItEndsToo(string path, int status, string code)
    {
        using var response = await jarvis.Client.GetAsync(path);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        AssertDeprecated(response, "/api/v2/agents");
    }

    [Theory]
    [InlineData("/agents?limit=2", "/api/v2/agents?limit=2")]
    [InlineData("/agents/tide-watcher", "/api/v2/agents/tide-watcher")]
    [InlineData("/commands", "/api/v2/commands")]
    [InlineData("/skills", "/api/v2/skills")]
    [InlineData("/mcp-servers", "/api/v2/mcp-servers")]
    [InlineData("/workflows", "/api/v2/workflows")]
    [InlineData("/search?q=harbour", "/api/v2/search?q=harbour")]
    [InlineData("/workflows/active", "/api/v2/workflows/active")]
    [InlineData("/metrics/history?metric_name=nothing.yet", "/api/v2/metrics/history?metric_name=nothing.yet")]
    public async Task UnversionedPath_IsAnsweredAsVersionTwo(string path, string current)
    {
        using var old = await jarvis.Client.GetAsync(path);
        using var now = await jarvis.Client.GetAsync(current);
        Assert.Equal(now.StatusCode, old.StatusCode);
        var (oldBody, nowBody) = (await old.Content.ReadFromJsonAsync<JsonElement>(), await now.Content.ReadFromJsonAsync<JsonElement>());
        Assert.Equal(nowBody.EnumerateObject().Select(member => member.Name), oldBody.EnumerateObject().Select(member => member.Name));
        Assert.NotEqual("ROUTE_NOT_FOUND", nowBody.TryGetProperty("error_code", out var code) ? code.GetString() : "");
        Assert.False(old.Headers.Contains("Deprecation"));
    }

    [Theory]
    [InlineData("GET", "/tasks/recent", null)]
    [InlineData("GET", "/api/cache/stats", null)]
    [InlineData("POST", "/api/cache/clear", null)]
    [InlineData("POST", "/workflow/trigger", """{"webhook_path": "legacy-lamp"}""")]
    [InlineData("POST", "/metrics/track", """{"metric_name": "lamps.lit", "value": 3}""")]
    public async Task UnversionedPath_OfEachFeature_Works(string method, string path, string? json)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await jarvis.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task VersionOne_OfOtherThings_IsTold()
    {
        using var response = await jarvis.Client.GetAsync("/api/v1/tasks/recent");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("mcp-servers", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static void AssertDeprecated(HttpResponseMessage response, string successor)
    {
        Assert.StartsWith("@", response.Headers.GetValues("Deprecation").Single(), StringComparison.Ordinal);
        Assert.EndsWith(" GMT", response.Headers.GetValues("Sunset").Single(), StringComparison.Ordinal);
        Assert.StartsWith($"<{successor}", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Contains(successor, response.Headers.GetValues("X-API-Migration").Single(), StringComparison.Ordinal);
        Assert.NotEqual("", response.Headers.GetValues("X-API-Deprecation").Single());
    }
}
