using System.Net.Http.Json;

namespace Jarvis.Gateway.Tests.Limits;

/// <summary>Who tries to sign in keeps nobody else out. Without a database every attempt ends early: 422 for a field that is wrong, which is a failed one.</summary>
public sealed class SignInLimitsTests
{
    private const string Proxy = "--Gateway:TrustedProxies:0=127.0.0.1";

    [Fact]
    public async Task Attempts_ForOneAccount_AreLimited_AndThoseForOthersNot()
    {
        await using var gateway = await StartAsync("--Limits:Auth=3");
        Assert.Equal([422, 422, 422, 429], await SendAsync(gateway, 4, _ => new { email = "ada@example.com" }));
        Assert.Equal([429], await SendAsync(gateway, 1, _ => new { email = "ADA@example.com " }));
        Assert.Equal([422], await SendAsync(gateway, 1, _ => new { email = "bob@example.com" }));
    }

    [Fact]
    public async Task Refreshes_OfManyTokens_KeepNobodyFromRefreshing()
    {
        await using var gateway = await StartAsync("--Limits:Auth=3");
        Assert.DoesNotContain(429, await SendAsync(gateway, 50, i => new { refresh_token = $"jrt_{i}" }, "auth/refresh"));
    }

    [Fact]
    public async Task Failures_OnTheLoopback_AreNotHeldAgainstAll()
    {
        await using var gateway = await StartAsync("--Limits:AuthFailures=5");
        Assert.DoesNotContain(429, await SendAsync(gateway, 50, i => new { email = $"somebody-{i}@example.com" }));
    }

    [Fact]
    public async Task Failures_OfAnAddress_AreLimited_RouteByRoute_AndNotThoseOfOthers()
    {
        await using var gateway = await StartAsync("--Limits:AuthFailures=5", Proxy);
        Assert.Equal([422, 422, 422, 422, 422, 429], await SendAsync(gateway, 6, i => new { email = $"somebody-{i}@example.com" }, from: "203.0.113.9"));
        Assert.Equal([429], await SendAsync(gateway, 1, _ => new { email = "ada@example.com" }, from: "198.51.100.1, 203.0.113.9"));
        Assert.Equal([422], await SendAsync(gateway, 1, _ => new { email = "ada@example.com" }, from: "203.0.113.10"));
        Assert.Equal([422], await SendAsync(gateway, 1, _ => new { refresh_token = 1 }, "auth/refresh", "203.0.113.9"));
    }

    [Fact]
    public async Task WhatIsNobodysFault_IsGivenBack()
    {
        await using var gateway = await StartAsync("--Limits:AuthFailures=2", "--Limits:Auth=100", Proxy);
        // Right in every field, so that the database is asked, and is not there.
        Assert.Equal(
            [503, 503, 503, 503], await SendAsync(gateway, 4, i => new { email = $"somebody-{i}@example.com", password = "tram opposite violet kettle" }, from: "203.0.113.9"));
    }

    [Theory]
    [InlineData("not JSON", "application/json", 400)]
    [InlineData("[1]", "application/json", 400)]
    [InlineData("{\"email\": \"\\ud800\"}", "application/json", 422)]
    [InlineData("email=ada@example.com", "application/x-www-form-urlencoded", 415)]
    [InlineData("", "application/json", 400)]
    public async Task Body_ThatNamesNobody_IsRefusedByItsRoute(string body, string type, int status)
    {
        await using var gateway = await StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, type);
        using var response = await gateway.Client.PostAsync(new Uri("/api/v2/auth/login", UriKind.Relative), content);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health")]
    [InlineData("/.well-known/jwks.json")]
    public async Task WhatOthersLiveBy_IsNotLimited(string path)
    {
        await using var gateway = await StartAsync("--Limits:Read=1");
        for (var i = 0; i < 3; i++)
        {
            using var response = await gateway.Client.GetAsync(new Uri(path, UriKind.Relative));
            Assert.NotEqual(429, (int)response.StatusCode);
        }
    }

    private static async Task<GatewayHost> StartAsync(params string[] settings)
    {
        var gateway = await GatewayHost.StartAsync(null, settings);
        gateway.Client.DefaultRequestHeaders.Authorization = null;
        return gateway;
    }

    private static async Task<IReadOnlyList<int>> SendAsync(GatewayHost gateway, int count, Func<int, object> body, string path = "auth/login", string? from = null)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v2/{path}") { Content = JsonContent.Create(body(i)) };
            if (from is not null)
                request.Headers.Add("X-Forwarded-For", from);
            using var response = await gateway.Client.SendAsync(request);
            statuses[i] = (int)response.StatusCode;
        }
        return statuses;
    }
}
