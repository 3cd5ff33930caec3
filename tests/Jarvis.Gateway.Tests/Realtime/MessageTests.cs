using System.Net.WebSockets;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Realtime;

public sealed class MessageTests : IAsyncLifetime
{
    private RealtimeHost _host = null!;
    private WsClient _client = null!;

    public async Task InitializeAsync()
    {
        _host = await RealtimeHost.StartAsync();
        _client = await WsClient.ConnectAsync(_host, "viewer", ("X-Correlation-ID", "of-the-socket"));
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Ping_IsAnsweredWithItsId()
    {
        var pong = await _client.AskAsync(new { type = "ping", id = "p-1", other = 1 });
        Assert.Equal(("pong", "p-1"), (pong.GetProperty("type").GetString(), pong.GetProperty("id").GetString()));
        Assert.Equal("of-the-socket", pong.GetProperty("correlation_id").GetString());
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("{\"type\":\"ping\",\"type\":\"ping\"}", "")]
    [InlineData("{}", "/type")]
    [InlineData("{\"type\":\"command\",\"data\":{\"command\":\"x\"}}", "/type")]
    [InlineData("{\"type\":7}", "/type")]
    [InlineData("{\"type\":\"ping\",\"id\":7}", "/id")]
    [InlineData("{\"type\":\"ping\",\"id\":\"\\ud800\"}", "/id")]
    [InlineData("{\"type\":\"subscribe\"}", "/data/topics")]
    [InlineData("{\"type\":\"subscribe\",\"data\":[]}", "/data")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"topics\":[]}}", "/data/topics")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"topics\":[\"task\",\"weather\"]}}", "/data/topics/1")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"topics\":[\"task\"],\"last_event_id\":5}}", "/data/last_event_id")]
    [InlineData("{\"type\":\"subscribe\",\"data\":{\"topics\":[\"task\"],\"filter\":{\"task_id\":\"x\"}}}", "/data/filter/task_id")]
    public async Task Message_ThatIsWrong_IsNamedAndTheConnectionLives(string message, string field)
    {
        await _client.SendAsync(message);
        await IsWrongAsync(field);
    }

    [Fact]
    public async Task Message_WithSeveralFaults_NamesAll()
    {
        var error = await _client.AskAsync(new { type = "subscribe", id = "s", data = new { topics = new[] { "a" }, filter = 1, last_event_id = "x" } });
        Assert.Equal(["/data/filter", "/data/last_event_id", "/data/topics/0"], error.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal("s", error.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Message_InBinaryOrTooLongOrTooDeep_IsAnError()
    {
        await _client.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        await IsWrongAsync("");
        await _client.SendAsync(new { type = "ping", id = "x", data = new { text = new string('x', 100_000) } });
        await IsWrongAsync("");
        await _client.SendAsync($"{{\"type\":\"ping\",\"data\":{new string('[', 40)}{new string(']', 40)}}}");
        await IsWrongAsync("");
    }

    [Theory]
    [InlineData(16_384, "pong")]
    [InlineData(16_385, "error")]
    public async Task Message_OfTheLongestLength_IsReadAndNoLonger(int length, string type)
    {
        const string Frame = "{\"type\":\"ping\",\"x\":\"\"}";
        var message = $"{Frame[..^2]}{new string('x', length - Frame.Length)}\"}}";
        // In fragments, the last of them empty.
        foreach (var part in System.Text.Encoding.ASCII.GetBytes(message).Chunk(1_000))
            await _client.Socket.SendAsync(part, WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        await _client.SendAsync([]);
        Assert.Equal(type, (await _client.ReceiveAsync()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task Message_FarTooLong_EndsTheConnection()
    {
        try
        {
            await _client.SendAsync(new byte[3_000_000]);
        }
        catch (WebSocketException)
        {
            // It was closed while this was on its way.
        }
        Assert.Equal(1009, (await _client.ClosedAsync()).Status);
    }

    [Fact]
    public async Task Topic_AboveTheRole_IsForbiddenAndNothingIsSubscribed()
    {
        var error = await _client.AskAsync(new { type = "subscribe", id = "s", data = new { topics = new[] { "task", "circuit" } } });
        Assert.Equal("FORBIDDEN", error.GetProperty("error_code").GetString());
        Assert.True(error.GetProperty("errors").TryGetProperty("/data/topics/1", out _));
        var topics = await _client.AskAsync(new { type = "subscribe", data = new { topics = new[] { "catalog" } } });
        Assert.Equal(["catalog"], Topics(topics));
    }

    [Fact]
    public async Task Subscriptions_AddUpAndGoAway()
    {
        Assert.Equal(["task"], Topics(await _client.AskAsync(new { type = "subscribe", id = "1", data = new { topics = new[] { "task" } } })));
        Assert.Equal(["catalog", "task", "workflow"], Topics(await _client.AskAsync(new { type = "subscribe", data = new { topics = new[] { "workflow", "catalog", "task" } } })));
        var left = await _client.AskAsync(new { type = "unsubscribe", id = "2", data = new { topics = new[] { "task" } } });
        Assert.Equal("unsubscribed", left.GetProperty("type").GetString());
        Assert.Equal(["catalog", "workflow"], Topics(left));
        Assert.Empty(Topics(await _client.AskAsync(new { type = "unsubscribe" })));
    }

    [Fact]
    public async Task Messages_OverTheRate_AreRefusedAndThenTheConnectionEnds()
    {
        await using var host = await RealtimeHost.StartAsync(null, "--WebSockets:MaxMessagesPerSecond=1", "--WebSockets:MessageBurst=3");
        using var client = await WsClient.ConnectAsync(host);
        for (var i = 0; i < 4; i++)
            await client.SendAsync(new { type = "ping" });
        for (var i = 0; i < 3; i++)
            Assert.Equal("pong", (await client.ReceiveAsync()).GetProperty("type").GetString());
        Assert.Equal("RATE_LIMITED", (await client.ReceiveAsync()).GetProperty("error_code").GetString());
        for (var i = 0; i < 20; i++)
            await client.SendAsync(new { type = "ping" });
        Assert.Equal((1008, "too many messages"), await client.ClosedAsync());
    }

    private static IEnumerable<string> Topics(JsonElement answer) => [.. answer.GetProperty("data").GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!)];

    private async Task IsWrongAsync(string field)
    {
        var error = await _client.ReceiveAsync();
        Assert.Equal("INVALID_MESSAGE", error.GetProperty("error_code").GetString());
        Assert.True(error.GetProperty("errors").TryGetProperty(field, out _), error.ToString());
        Assert.Equal("pong", (await _client.AskAsync(new { type = "ping" })).GetProperty("type").GetString());
    }
}
