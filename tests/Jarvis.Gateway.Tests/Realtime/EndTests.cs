using System.Net.WebSockets;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>What ends a connection.</summary>
public sealed class EndTests
{
    private static readonly Guid Account = Guid.Parse("11111111-1111-7111-8111-111111111111");
    private static readonly Guid Other = Guid.Parse("22222222-2222-7222-8222-222222222222");
    private static readonly DateTimeOffset Later = DateTimeOffset.UnixEpoch.AddDays(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SignOut_EndsWhatItMeans(bool wholeAccount)
    {
        await using var host = await RealtimeHost.StartAsync();
        using var gone = await WsClient.ConnectAsync(host, $"viewer:{Account}");
        using var stays = await WsClient.ConnectAsync(host, $"viewer:{Other}");
        await Until.TrueAsync(() => host.Connections.Count == 2);
        // Issued after it: another sign-in.
        host.Revoke(new(Account, null, DateTimeOffset.UnixEpoch.AddDays(-1)));
        Assert.Equal("pong", (await gone.AskAsync(new { type = "ping" })).GetProperty("type").GetString());
        host.Revoke(wholeAccount ? new(Account, null, Later) : new(null, Account, Later));
        Assert.Equal((1008, "signed out"), await gone.ClosedAsync());
        Assert.Equal("pong", (await stays.AskAsync(new { type = "ping" })).GetProperty("type").GetString());
    }

    [Fact]
    public async Task SignOut_JustBeforeTheConnection_EndsItToo()
    {
        await using var host = await RealtimeHost.StartAsync();
        host.Revoke(new(null, Account, Later));
        using var client = await WsClient.ConnectAsync(host, $"viewer:{Account}");
        Assert.Equal((1008, "signed out"), await client.ClosedAsync());
    }

    [Fact]
    public async Task SignOut_BeforeManyOthers_EndsAConnectionThatIsJustBeingMade()
    {
        await using var host = await RealtimeHost.StartAsync();
        host.Revoke(new(null, Account, Later));
        for (var n = 0; n < 1_000; n++)
            host.Revoke(new(null, Guid.CreateVersion7(Later), Later));
        using var client = await WsClient.ConnectAsync(host, $"viewer:{Account}");
        Assert.Equal((1008, "signed out"), await client.ClosedAsync());
    }

    [Fact]
    public async Task Token_ThatExpires_EndsIt()
    {
        await using var host = await RealtimeHost.StartAsync();
        host.TokensEnd = TimeProvider.System.GetUtcNow().AddSeconds(1);
        using var client = await WsClient.ConnectAsync(host);
        Assert.Equal((1008, "token expired"), await client.ClosedAsync());
    }

    [Fact]
    public async Task Stop_OfTheReplica_IsToldToItsClients()
    {
        await using var host = await RealtimeHost.StartAsync();
        using var client = await WsClient.ConnectAsync(host);
        // Its answer shows that it is known.
        await client.AskAsync(new { type = "ping" });
        var stopping = host.StopAsync();
        Assert.Equal((1001, "this replica stops"), await client.ClosedAsync());
        await stopping;
    }

    [Fact]
    public async Task Close_IsAnsweredAndThePlaceIsFree()
    {
        await using var host = await RealtimeHost.StartAsync();
        using var client = await WsClient.ConnectAsync(host);
        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
        Assert.Equal(WebSocketState.Closed, client.Socket.State);
        await Until.TrueAsync(() => host.Connections.Count == 0);
    }

    [Fact]
    public async Task Client_ThatVanishes_LeavesItsPlace()
    {
        await using var host = await RealtimeHost.StartAsync();
        var client = await WsClient.ConnectAsync(host);
        await client.AskAsync(new { type = "ping" });
        client.Socket.Abort();
        await Until.TrueAsync(() => host.Connections.Count == 0);
    }
}
