using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using Jarvis.Gateway.SignIn;
using Jarvis.Gateway.Tests.Edge;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.SignIn;

/// <summary>What a request may bring from outside, and what of it a service gets to see.</summary>
public sealed class ArrivalTests : IAsyncLifetime
{
    private const string Session = "a-session-of-a-test-0123456789";
    private const string Key = "jrv_a-key-of-a-test-0123456789";
    private const string Exchanged = "Bearer exchanged";
    private EdgeHost _edge = null!;

    private HttpClient Anonymous { get; set; } = null!;

    public async Task InitializeAsync()
    {
        _edge = await EdgeHost.StartAsync();
        Anonymous = new(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = _edge.Client.BaseAddress };
        Know(Session, CallerKind.User);
        Know(Key, CallerKind.ApiKey);
    }

    public async Task DisposeAsync()
    {
        Anonymous.Dispose();
        await _edge.DisposeAsync();
    }

    [Fact]
    public async Task ServiceKey_FromOutside_MakesNobodyAService_AndReachesNone()
    {
        var seen = await SeenAsync("GET", (ServiceKey.Header, SignedIn.ServiceKey));
        Assert.DoesNotContain(ServiceKey.Header, seen.Keys, StringComparer.OrdinalIgnoreCase);
        seen = await SeenAsync("GET", (ServiceKey.Header, SignedIn.ServiceKey),
            ("Authorization", $"Bearer {await SignedIn.TokenAsync(_edge.Gateway.Services)}"));
        Assert.DoesNotContain(ServiceKey.Header, seen.Keys, StringComparer.OrdinalIgnoreCase);
        foreach (var path in (string[])["/api/v2/circuit-breakers", "/api/v2/users", "/api/v2/agents", "/internal/control/",
            "/internal/Control", "/internal"])
        {
            using var response = await SendAsync("GET", path, (ServiceKey.Header, SignedIn.ServiceKey));
            Assert.True(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound
                or HttpStatusCode.MethodNotAllowed, $"{path}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Control_IsTheGatewaysOwn_AndOnlyForWhoHasTheKey()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post,
            ControlApi.Path) { Content = JsonContent.Create(new { kind = "circuits" }) };
        request.Headers.Add(ServiceKey.Header, SignedIn.ServiceKey);
        using var answered = await Anonymous.SendAsync(request);
        Assert.Equal("gateway", (await answered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty(
            "service").GetString());

        var admin = await SignedIn.TokenAsync(_edge.Gateway.Services);
        foreach (var (status, headers) in new (int, (string, string)[])[]
        {
            (401, []), (401, [(ServiceKey.Header, "wrong")]), (401, [(ServiceKey.Header, "")]),
                (403, [("Authorization", $"Bearer {admin}")]),
            (401, [("Host", "rebound.example")]), (403, [("Authorization", $"Bearer {admin}"), ("Host", "rebound.example")]),
        })
        {
            using var refused = await SendAsync("POST", ControlApi.Path, headers);
            Assert.Equal(status, (int)refused.StatusCode);
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Cookie_AndCsrfHeader_StayHere_AndATokenGoesOn(string method)
    {
        var seen = await SeenAsync(method, ("Cookie", $"other=1; {GatewaySignIn.Cookie}={Session}"),
            (GatewaySignIn.CsrfHeader, CsrfToken.Of(Session)));
        Assert.Equal(Exchanged, seen["Authorization"]);
        Assert.DoesNotContain("Cookie", seen.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(GatewaySignIn.CsrfHeader, seen.Keys, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(seen.Values, value => value.Contains(Session, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ApiKey_StaysHere_AndATokenGoesOn() => Assert.Equal(Exchanged,
        (await SeenAsync("GET", ("Authorization", $"Bearer {Key}")))["Authorization"]);

    [Theory]
    [InlineData("Bearer not-a-token")]
    [InlineData("Basic YWRhOmxvdmVsYWNl")]
    public async Task Credential_ThatIsNotGood_GoesNowhere(string credential) =>
        Assert.DoesNotContain("Authorization", (await SeenAsync("GET", ("Authorization", credential))).Keys,
            StringComparer.OrdinalIgnoreCase);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("PROPFIND")]
    [InlineData("QUERY")]
    [InlineData("post")]
    public async Task Cookie_WithAMethodThatMayChangeSomething_NeedsItsProof(string method)
    {
        foreach (var proof in (string?[])[null, "", "wrong", CsrfToken.Of("another session")])
        {
            using var refused = await SendAsync(method, "/edge/headers",
                [("Cookie", $"{GatewaySignIn.Cookie}={Session}"), .. proof is null ? [] : new[] { (GatewaySignIn.CsrfHeader, proof) }]);
            Assert.Equal(403, (int)refused.StatusCode);
            Assert.Contains(GatewaySignIn.CsrfHeader, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using var taken = await SendAsync(method, "/edge/headers", ("Cookie", $"{GatewaySignIn.Cookie}={Session}"),
            (GatewaySignIn.CsrfHeader, CsrfToken.Of(Session)));
        Assert.NotEqual(403, (int)taken.StatusCode);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Cookie_WithAMethodThatOnlyReads_NeedsNoProof(string method)
    {
        using var response = await SendAsync(method, "/edge/headers", ("Cookie", $"{GatewaySignIn.Cookie}={Session}"));
        Assert.True(response.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Bearer_ThatIsNotGood_DoesNotFallBackToTheCookie()
    {
        using var response = await SendAsync("GET", "/api/v2/agents", ("Cookie", $"{GatewaySignIn.Cookie}={Session}"),
            ("Authorization", "Bearer not-a-token"));
        Assert.Equal(401, (int)response.StatusCode);
        using var cookie = await SendAsync("GET", "/api/v2/agents", ("Cookie", $"{GatewaySignIn.Cookie}={Session}"));
        Assert.Equal(200, (int)cookie.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/v2/agents", 400)]
    [InlineData("GET", "/", 400)]
    [InlineData("GET", "/docs", 400)]
    [InlineData("GET", "/openapi/v2.json", 400)]
    [InlineData("GET", "/ws", 400)]
    [InlineData("GET", "/internal/control", 400)]
    [InlineData("POST", "/api/v2/auth/login", 400)]
    [InlineData("POST", "/health", 400)]
    [InlineData("GET", "/alive", 200)]
    [InlineData("GET", "/.well-known/jwks.json", 200)]
    public async Task ForeignHostName_IsServedWhatIsForEverybody_AndNothingElse(string method, string path, int status)
    {
        foreach (var host in (string[])["rebound.example", "rebound.example:80", "localhost.rebound.example"])
        {
            using var response = await SendAsync(method, path, ("Host", host));
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:1")]
    public async Task Origin_ThatIsNotOurs_ChangesNothing_WhateverItBrings(string origin)
    {
        foreach (var method in (string[])["POST", "PUT", "PATCH", "DELETE"])
        {
            using var response = await SendAsync(
                method, "/edge/headers", ("Origin", origin), ("Cookie", $"{GatewaySignIn.Cookie}={Session}"),
                    (GatewaySignIn.CsrfHeader, CsrfToken.Of(Session)));
            Assert.Equal(403, (int)response.StatusCode);
            Assert.Contains("AllowedOrigins", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    /// <summary>As if it had been looked up a moment ago.</summary>
    private void Know(string secret, CallerKind kind)
    {
        var (callers, now) = (_edge.Gateway.Services.GetRequiredService<VerifiedCallers>(), TimeProvider.System.GetUtcNow());
        var caller = new Caller(kind, Guid.CreateVersion7(now), Guid.CreateVersion7(now), Role.Admin, [], now, now.AddHours(1));
        callers.Keep(SecretHash.Of(secret), new(caller, new ClaimsPrincipal(new CallerIdentity(caller)), now.AddHours(1), Exchanged),
            callers.Generation);
    }

    private async Task<Dictionary<string, string>> SeenAsync(string method, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, "/edge/headers", headers);
        Assert.Equal(200, (int)response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>())!;
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST" && path == ControlApi.Path)
            request.Content = JsonContent.Create(new { kind = "circuits" });
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Anonymous.SendAsync(request);
    }
}
