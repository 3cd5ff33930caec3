using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.SignIn;

/// <summary>Each route of the API description with each kind of credential: who gets in, and what the others are told. Services are away: whoever gets in meets that.</summary>
public sealed class AuthorizationTableTests : IAsyncLifetime
{
    private GatewayHost _gateway = null!;

    public async Task InitializeAsync() =>
        _gateway = await GatewayHost.StartAsync(null, "--Limits:Read=0", "--Limits:Write=0", "--Limits:Execute=0", "--Limits:Auth=0", "--Auth:Registration=open");

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Fact]
    public void EveryRoute_SaysWhoMayCallIt() =>
        Assert.Empty(_gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(route => route.RoutePattern.RawText));

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task Role_OpensItsRoutesAndNoOthers(string role)
    {
        var token = await SignedIn.TokenAsync(_gateway.Services, RoleNames.Parse(role)!.Value);
        var wrong = new List<string>();
        foreach (var route in DescribedRoutes.All)
        {
            var (status, code) = await AskAsync(route, token);
            // What a route itself refuses (a page's own rules, an API key's) is no matter of roles.
            if (status is 401 or 403 == route.IsOpenTo(role) && code is not "INVALID_CREDENTIALS")
                wrong.Add($"{route} ({route.Role}): {status} {code}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("nobody", "AUTHENTICATION_REQUIRED")]
    [InlineData("expired", "TOKEN_EXPIRED")]
    [InlineData("forged", "INVALID_TOKEN")]
    [InlineData("none", "INVALID_TOKEN")]
    [InlineData("issuer", "INVALID_TOKEN")]
    [InlineData("audience", "INVALID_TOKEN")]
    [InlineData("key", "INVALID_TOKEN")]
    [InlineData("basic", "INVALID_TOKEN")]
    public async Task Credential_ThatIsNotGood_OpensOnlyWhatIsForEverybody(string kind, string expected)
    {
        var token = await MakeAsync(kind);
        var wrong = new List<string>();
        foreach (var route in DescribedRoutes.All)
        {
            var (status, code) = await AskAsync(route, token, kind == "basic" ? "Basic" : "Bearer");
            if (route.Role == "anonymous" ? code == expected || status == 403 : status != 401 || code != expected)
                wrong.Add($"{route} ({route.Role}): {status} {code}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<string?> MakeAsync(string kind)
    {
        if (kind is "nobody")
            return null;
        var key = await _gateway.Services.GetRequiredService<SigningKeys>().CurrentAsync(CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow();
        var claims = new TokenClaims(Guid.CreateVersion7(now), Guid.CreateVersion7(now), CallerKind.User, Role.Admin, [], now, now.AddMinutes(5));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return kind switch
        {
            "expired" => key.Sign(claims with { IssuedAt = now.AddHours(-1), ExpiresAt = now.AddMinutes(-5) }, "jarvis", "jarvis"),
            "forged" => AccessTokens.Write(claims, "jarvis", "jarvis", key.KeyId, other),
            "none" => $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("{\"alg\":\"none\",\"typ\":\"at+jwt\"}"))}.{key.Sign(claims, "jarvis", "jarvis").Split('.')[1]}.",
            "issuer" => key.Sign(claims, "elsewhere", "jarvis"),
            "audience" => key.Sign(claims, "jarvis", "elsewhere"),
            "key" => AccessTokens.Write(claims, "jarvis", "jarvis", "k-of-somebody", other),
            _ => "YWRhOmxvdmVsYWNl",
        };
    }

    private async Task<(int Status, string? Code)> AskAsync(DescribedRoute route, string? token, string scheme = "Bearer")
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Address());
        // Not the client's own token, also where there is none.
        using var client = new HttpClient { BaseAddress = _gateway.Client.BaseAddress };
        if (token is not null)
            request.Headers.Authorization = new(scheme, token);
        if (route.Method is not "GET")
            request.Content = JsonContent.Create("no object");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var code = (int)response.StatusCode >= 400 ? (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString() : null;
        return ((int)response.StatusCode, code);
    }
}
