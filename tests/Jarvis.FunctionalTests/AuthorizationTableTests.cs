using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;
using Jarvis.Gateway.Tests.SignIn;

namespace Jarvis.FunctionalTests;

/// <summary>Each route of the API description on the running stack, through to the services, with what only Postgres knows to be over: a revoked key, a disabled account.</summary>
[Collection(StackCollection.Name)]
public sealed class AuthorizationTableTests(JarvisStack jarvis)
{
    // What would end the session that asks, or empty what other tests look at.
    private static readonly string[] Ending = ["/api/v2/auth/logout", "/api/v2/auth/sessions", "/api/v2/cache/clear"];

    private static readonly IReadOnlyList<DescribedRoute> Routes =
        [.. DescribedRoutes.All.Where(route => route.Method == "GET" || !Ending.Contains(route.Path, StringComparer.Ordinal))];

    [Fact]
    public async Task Roles_OpenTheirRoutesAndNoOthers_AlsoAtTheServices()
    {
        foreach (var role in (string[])["viewer", "operator", "admin"])
        {
            var (_, token) = await MakeAccountAsync(role);
            await CheckAsync(token, (route, status, _) => status is 401 or 403 != route.IsOpenTo(role));
        }
    }

    [Fact]
    public async Task ApiKey_ThatWasRevoked_OpensNothing()
    {
        var made = (await SendAsync("POST", "auth/api-keys", new { name = "table", scopes = new[] { "admin" } })).GetProperty("data");
        var key = made.GetProperty("key").GetString()!;
        await CheckAsync(key, (route, status, _) => route.Path.StartsWith("/api/v2/auth", StringComparison.Ordinal) || status is not (401 or 403));
        await SendAsync("DELETE", $"auth/api-keys/{made.GetProperty("api_key").GetProperty("id").GetString()}", null);
        await CheckAsync(key, IsRefused);
    }

    [Fact]
    public async Task Account_ThatIsDisabled_OpensNothing()
    {
        var (id, token) = await MakeAccountAsync("admin");
        await SendAsync("PATCH", $"users/{id}", new { disabled = true });
        await CheckAsync(token, IsRefused);
    }

    private static bool IsRefused(DescribedRoute route, int status, string? code) => route.Role == "anonymous" || (status, code) == (401, "INVALID_TOKEN");

    private async Task CheckAsync(string token, Func<DescribedRoute, int, string?, bool> isRight)
    {
        using var client = jarvis.CreateAnonymousClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var wrong = new List<string>();
        foreach (var route in Routes)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Address());
            if (route.Method is not "GET")
                request.Content = JsonContent.Create("no object");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var status = (int)response.StatusCode;
            // OTLP has failures of its own form.
            var code = status >= 400 && (await response.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("error_code", out var told) ? told.GetString() : null;
            if (!isRight(route, status, code))
                wrong.Add($"{route} ({route.Role}): {status} {code}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<(string Id, string Token)> MakeAccountAsync(string role)
    {
        var email = $"table-{role}-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@jarvis.test";
        var invitation = (await SendAsync("POST", "auth/invitations", new { role })).GetProperty("data").GetProperty("token").GetString();
        using var client = jarvis.CreateAnonymousClient();
        using (var registered = await client.PostAsJsonAsync("/api/v2/auth/register", new { email, password = SignInExtensions.Password, invitation }))
            Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        var token = await client.SignInAsync(email);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/v2/auth/me");
        return (me.GetProperty("data").GetProperty("user").GetProperty("id").GetString()!, token);
    }

    private async Task<JsonElement> SendAsync(string method, string path, object? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v2/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await jarvis.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }
}
