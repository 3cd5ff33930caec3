using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Limits;

public sealed class LimitsHttpTests
{
    [Fact]
    public async Task Reads_OverTheLimit_Are429WithAllHeaders()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--Limits:Read=3");
        for (var left = 2; left >= 0; left--)
        {
            // From memory, from the catalog, and what is not there.
            using var read = await gateway.SendAsync(left == 0 ? "/api/v2/nope" : "/api/v2/agents");
            Assert.Equal(left == 0 ? HttpStatusCode.NotFound : HttpStatusCode.OK, read.StatusCode);
            Assert.Equal("\"read\";q=3;w=60", Header(read, "RateLimit-Policy"));
            Assert.Equal($"\"read\";r={left};t={(3 - left) * 20}", Header(read, "RateLimit"));
        }
        using var refused = await gateway.SendAsync("/agents", ("X-Correlation-ID", "limit-0001"));
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal("RATE_LIMITED", problem.GetProperty("error_code").GetString());
        Assert.Equal("limit-0001", problem.GetProperty("correlation_id").GetString());
        Assert.Equal("\"read\";r=0;t=60", Header(refused, "RateLimit"));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        using var alive = await gateway.SendAsync("/alive");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.False(alive.Headers.Contains("RateLimit"));
    }

    [Theory]
    [InlineData("GET", "/api/v2/agents", "read")]
    [InlineData("HEAD", "/agents", "read")]
    [InlineData("GET", "/api/v2/auth/me", "read")]
    [InlineData("POST", "/api/v2/agents", "write")]
    [InlineData("DELETE", "/api/v2/agents/x", "write")]
    [InlineData("POST", "/api/v2/auth/logout", "write")]
    [InlineData("POST", "/api/v2/auth/login", "auth")]
    [InlineData("POST", "/api/v2/Auth/Login/", "auth")]
    [InlineData("POST", "/api/v2/auth/password/forgot", "auth")]
    [InlineData("POST", "/api/v2/workflow/trigger", "execute")]
    [InlineData("POST", "/workflow/trigger", "execute")]
    [InlineData("POST", "/WORKFLOW/trigger", "execute")]
    [InlineData("POST", "/api/v2/tasks/0198/retry", "execute")]
    [InlineData("POST", "/api/v2/tasks/0198/cancel", "write")]
    public async Task Request_OfEachKind_CountsForItsClass(string method, string path, string of)
    {
        await using var gateway = await GatewayHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await gateway.Client.SendAsync(request);
        Assert.StartsWith($"\"{of}\";", Header(response, "RateLimit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limit_OfZero_IsNone()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--Limits:Read=0");
        using var response = await gateway.SendAsync("/api/v2/agents");
        Assert.False(response.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task RedisThatDoesNotAnswer_RefusesWhatIsExact_AndSharesTheRest()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--Limits:Read=8", "--ConnectionStrings:redis=127.0.0.1:1,abortConnect=false,connectTimeout=500");
        using var login = await gateway.Client.PostAsJsonAsync("/api/v2/auth/login", new { });
        var problem = await login.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(503, (int)login.StatusCode);
        Assert.Equal("SERVICE_UNAVAILABLE", problem.GetProperty("error_code").GetString());
        Assert.Equal("redis", problem.GetProperty("service").GetString());
        Assert.NotNull(login.Headers.RetryAfter);
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var read = await gateway.SendAsync("/api/v2/agents");
            statuses.Add((int)read.StatusCode);
            Assert.Equal("\"read\";q=2;w=60", Header(read, "RateLimit-Policy"));
        }
        Assert.Equal([200, 200, 429, 429], statuses);
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
