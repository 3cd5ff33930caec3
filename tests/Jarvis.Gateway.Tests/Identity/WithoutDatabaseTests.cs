using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.Gateway.Identity;
using Jarvis.Gateway.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NSubstitute;

namespace Jarvis.Gateway.Tests.Identity;

/// <summary>Without a connection string it starts, checks what comes in, and says what is missing.</summary>
public sealed class WithoutDatabaseTests : IAsyncLifetime
{
    private WebApplication _app = null!;

    private HttpClient Client { get; set; } = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddIdentity();
        builder.Services.AddSingleton(Substitute.For<IAccessTokens>());
        builder.Services.AddSingleton(Substitute.For<IRevocations>());
        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.MapGroup("/api/v2").MapIdentity();
        _app.MapIdentityPages();
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Login_WithWrongFields_Is422WithEveryOne()
    {
        var (status, body) = await PostAsync("auth/login", new { email = "x", session = 5 });
        Assert.Equal(422, status);
        Assert.Equal(["email", "password", "session"], body.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
    }

    [Theory]
    [InlineData("auth/login", "email", "password")]
    [InlineData("auth/refresh", "refresh_token")]
    [InlineData("auth/setup", "token", "email", "password")]
    [InlineData("auth/password/forgot", "email")]
    [InlineData("auth/password/reset", "token", "password")]
    [InlineData("auth/logout", "refresh_token")]
    public async Task Request_ThatNeedsAnAccount_Is503AndNamesPostgres(string path, params string[] fields)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["email"] = "ada@example.com",
            ["password"] = "tram opposite violet kettle",
            ["refresh_token"] = "jrt_x",
            ["token"] = "x",
        };
        var (status, body) = await PostAsync(path, fields.ToDictionary(field => field, field => given[field], StringComparer.Ordinal));
        Assert.Equal(503, status);
        Assert.Equal("postgres", body.GetProperty("service").GetString());
    }

    [Theory]
    [InlineData("/setup")]
    [InlineData("/reset-password")]
    [InlineData("/register")]
    public async Task Page_AllowsItsOwnScriptAndStyle_AndNothingElse(string path)
    {
        using var response = await Client.GetAsync(path);
        var html = await response.Content.ReadAsStringAsync();
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        foreach (var element in new[] { "style", "script" })
        {
            var content = Assert.Single(Regex.Matches(html, $"<{element}>(.*?)</{element}>", RegexOptions.Singleline)).Groups[1].Value;
            Assert.Contains($"{element}-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'", policy, StringComparison.Ordinal);
        }
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("https?://|\\son[a-z]+=|style=", html);
    }

    [Fact]
    public void Endpoints_AllSayWhoMayCallThem()
    {
        var open = _app.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAuthorizeData>() is null
                && endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null);
        Assert.Empty(open);
    }

    private async Task<(int Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync($"/api/v2/{path}", body);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
