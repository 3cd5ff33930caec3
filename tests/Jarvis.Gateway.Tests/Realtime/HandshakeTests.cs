using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Realtime;

public sealed class HandshakeTests : IAsyncLifetime
{
    private RealtimeHost _host = null!;

    public async Task InitializeAsync() => _host = await RealtimeHost.StartAsync(null, "--Gateway:AllowedOrigins:0=https://dash.example.com");

    public Task DisposeAsync() => _host.DisposeAsync().AsTask();

    [Theory]
    [InlineData(null, "", null, 401, "AUTHENTICATION_REQUIRED")]
    [InlineData("viewer", "?token=eyJ", null, 401, "INVALID_TOKEN")]
    [InlineData("viewer", "?access_token=eyJ", null, 401, "INVALID_TOKEN")]
    [InlineData(null, "?ticket=wrong", null, 401, "INVALID_TOKEN")]
    [InlineData("viewer", "?ticket=wrong", null, 401, "INVALID_TOKEN")]
    [InlineData("viewer", "", "https://evil.example.com", 403, "FORBIDDEN")]
    [InlineData("viewer", "", "null", 403, "FORBIDDEN")]
    [InlineData("none", "", null, 403, "FORBIDDEN")]
    public async Task Upgrade_ThatIsNotAllowed_IsRefusedInTheEnvelope(string? token, string query, string? origin, int status, string code)
    {
        using var response = await UpgradeAsync(query, ("Authorization", token is null ? null : $"Bearer {token}"), ("Origin", origin), ("X-Correlation-ID", "hand-shake"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(code, problem.GetProperty("error_code").GetString());
        Assert.Equal("hand-shake", problem.GetProperty("correlation_id").GetString());
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count == 1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example.com")]
    public async Task Cookie_WithoutAnOriginThatMayConnect_IsForbidden(string? origin)
    {
        using var response = await UpgradeAsync("", ("Cookie", "session=viewer"), ("Origin", origin));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("https://dash.example.com")]
    [InlineData("own")]
    public async Task Cookie_WithAnAllowedOrigin_IsUpgraded(string origin)
    {
        using var response = await UpgradeAsync("", ("Cookie", "session=viewer"), ("Origin", origin == "own" ? _host.Address.GetLeftPart(UriPartial.Authority) : origin));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
    }

    [Fact]
    public async Task Request_ThatIsNoUpgrade_IsToldWhatToSend()
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Address, "/ws?ticket=good"));
        _host.Issue("good", "viewer", null);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("websocket", response.Headers.Upgrade.ToString());
        Assert.Equal("MALFORMED_REQUEST", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString());

        // The ticket was not used up by it.
        using var upgraded = await UpgradeAsync("?ticket=good");
        Assert.Equal(HttpStatusCode.SwitchingProtocols, upgraded.StatusCode);
    }

    [Fact]
    public async Task Ticket_IsGoodOnceAndForItsOrigin()
    {
        _host.Issue("once", "viewer", "https://dash.example.com");
        using var elsewhere = await UpgradeAsync("?ticket=once");
        using var first = await UpgradeAsync("?ticket=once", ("Origin", "https://dash.example.com"));
        using var second = await UpgradeAsync("?ticket=once", ("Origin", "https://dash.example.com"));
        Assert.Equal([401, 101, 401], new[] { elsewhere, first, second }.Select(response => (int)response.StatusCode));
    }

    [Fact]
    public async Task Answer_HasTheCorrelationId()
    {
        using var response = await UpgradeAsync("", ("Authorization", "Bearer viewer"), ("X-Correlation-ID", "hand-shaken"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal("hand-shaken", Assert.Single(response.Headers.GetValues("X-Correlation-ID")));
    }

    [Fact]
    public async Task Connections_OverTheLimits_AreToldToComeLater()
    {
        await using var host = await RealtimeHost.StartAsync(null, "--WebSockets:MaxConnections=3", "--WebSockets:MaxConnectionsPerUser=2");
        var (one, other) = ("viewer:11111111-1111-7111-8111-111111111111", "viewer:22222222-2222-7222-8222-222222222222");
        using var first = await WsClient.ConnectAsync(host, one);
        using var second = await WsClient.ConnectAsync(host, one);
        using var third = await WsClient.ConnectAsync(host, one);
        Assert.Equal((1013, "an account has at most 2 connections"), await third.ClosedAsync());
        using var fourth = await WsClient.ConnectAsync(host, other);
        using var fifth = await WsClient.ConnectAsync(host, other);
        Assert.Equal((1013, "this replica serves at most 3 connections"), await fifth.ClosedAsync());

        await first.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await Until.TrueAsync(() => host.Connections.Count == 2);
        using var sixth = await WsClient.ConnectAsync(host, one);
        Assert.Equal("pong", (await sixth.AskAsync(new { type = "ping" })).GetProperty("type").GetString());
    }

    [Fact]
    public async Task LastConnections_AreForAccountsThatHaveNone()
    {
        await using var host = await RealtimeHost.StartAsync(null, "--WebSockets:MaxConnections=10", "--WebSockets:MaxConnectionsPerUser=10");
        var (one, other) = ("viewer:11111111-1111-7111-8111-111111111111", "viewer:22222222-2222-7222-8222-222222222222");
        var clients = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => WsClient.ConnectAsync(host, one)));
        using var more = await WsClient.ConnectAsync(host, one);
        Assert.Equal((1013, "the last connections of this replica are for accounts that have none"), await more.ClosedAsync());
        using var first = await WsClient.ConnectAsync(host, other);
        Assert.Equal("pong", (await first.AskAsync(new { type = "ping" })).GetProperty("type").GetString());
        foreach (var client in clients)
            client.Dispose();
    }

    /// <summary>The answer to an upgrade, whatever it is.</summary>
    private async Task<HttpResponseMessage> UpgradeAsync(string query, params (string Name, string? Value)[] headers)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_host.Address, $"/ws{query}"));
        foreach (var (name, value) in headers.Append(("Connection", "Upgrade")).Append(("Upgrade", "websocket")).Append(("Sec-WebSocket-Version", "13"))
            .Append(("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")))
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
        var response = await client.SendAsync(request, CancellationToken.None);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            await response.Content.LoadIntoBufferAsync();
        return response;
    }
}

internal static class Until
{
    /// <summary>Looks until it is so, for 20 seconds at most; for states of the host that nobody is told of.</summary>
    public static async Task TrueAsync(Func<bool> probe)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!probe())
            await Task.Delay(5, limit.Token);
    }
}
