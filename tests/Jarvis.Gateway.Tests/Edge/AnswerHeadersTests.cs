namespace Jarvis.Gateway.Tests.Edge;

public sealed class AnswerHeadersTests : IAsyncLifetime
{
    private const string Page = "https://dash.example.com";
    private EdgeHost _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeHost.StartAsync($"--Gateway:AllowedOrigins:0={Page}");

    public Task DisposeAsync() => _edge.DisposeAsync().AsTask();

    [Theory]
    [InlineData("GET", "/", 200)]
    [InlineData("GET", "/alive", 200)]
    [InlineData("GET", "/api/v2/agents", 200)]
    [InlineData("GET", "/agents", 200)]
    [InlineData("HEAD", "/api/v2/agents", 200)]
    [InlineData("GET", "/edge/text/2000", 200)]
    [InlineData("GET", "/edge/missing", 404)]
    [InlineData("GET", "/nope", 404)]
    [InlineData("GET", "/api/v9/agents", 404)]
    [InlineData("DELETE", "/health", 405)]
    [InlineData("DELETE", "/edge/tagged", 405)]
    [InlineData("GET", "/api/v2/tasks/recent", 503)]
    [InlineData("GET", "/edge/gone", 502)]
    public async Task EveryAnswer_SaysWhatBrowsersMayDo(string method, string path, int status)
    {
        // The second time some come from memory.
        for (var i = 0; i < 2; i++)
        {
            using var response = await _edge.SendAsync(method, path, ("Origin", Page));
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
            Assert.Equal("default-src 'none'; frame-ancestors 'none'", Header(response, "Content-Security-Policy"));
            Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
            Assert.Equal("same-origin", Header(response, "Cross-Origin-Opener-Policy"));
            Assert.Equal("same-origin", Header(response, "Cross-Origin-Resource-Policy"));
            Assert.Contains("camera=()", Header(response, "Permissions-Policy"), StringComparison.Ordinal);
            Assert.Equal(Page, Header(response, "Access-Control-Allow-Origin"));
            Assert.Equal("true", Header(response, "Access-Control-Allow-Credentials"));
            Assert.Contains("RateLimit-Policy", Header(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
            Assert.Contains("Origin", response.Headers.Vary);
            Assert.Matches("^req-[0-9a-f]{32}$", Header(response, "X-Correlation-ID"));
            Assert.False(response.Headers.Contains("Strict-Transport-Security"));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://dash.example.com.evil.example")]
    [InlineData("null")]
    [InlineData("*")]
    public async Task ForeignOrigin_GetsNoWord_AndIsRefusedWhenItAsks(string origin)
    {
        using var read = await _edge.SendAsync("GET", "/api/v2/agents", ("Origin", origin));
        Assert.Equal(200, (int)read.StatusCode);
        Assert.Contains("Origin", read.Headers.Vary);
        using var asked = await _edge.SendAsync("OPTIONS", "/api/v2/agents", ("Origin", origin), ("Access-Control-Request-Method", "POST"));
        Assert.Equal(403, (int)asked.StatusCode);
        using var write = await _edge.SendAsync("POST", "/edge/read", ("Origin", origin));
        Assert.Equal(403, (int)write.StatusCode);
        foreach (var response in (HttpResponseMessage[])[read, asked, write])
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Preflight_OfAConfiguredOrigin_IsAnsweredAtOnce()
    {
        using var response = await _edge.SendAsync("OPTIONS", "/api/v2/nothing/there",
            ("Origin", Page), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "authorization,if-match"));
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(Page, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("true", Header(response, "Access-Control-Allow-Credentials"));
        Assert.Equal("7200", Header(response, "Access-Control-Max-Age"));
        Assert.Contains("PUT", Header(response, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        foreach (var name in (string[])["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Correlation-ID", "X-CSRF-Token", "Last-Event-ID", "traceparent"])
            Assert.Contains(name, Header(response, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("RateLimit"));
    }

    [Theory]
    [InlineData("/health", "GET")]
    [InlineData("/edge/tagged", "GET")]
    [InlineData("/edge/body", "POST")]
    public async Task Options_OfWhatIsThere_NamesItsMethods(string path, string method)
    {
        using var response = await _edge.SendAsync("OPTIONS", path);
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal([method, "OPTIONS"], response.Content.Headers.Allow);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Options_OfNothing_Is404()
    {
        using var response = await _edge.SendAsync("OPTIONS", "/nope");
        Assert.Equal(404, (int)response.StatusCode);
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
