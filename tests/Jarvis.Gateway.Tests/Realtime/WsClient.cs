using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>A WebSocket client that speaks JSON and waits at most 20 seconds for anything.</summary>
internal sealed class WsClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly byte[] _buffer = new byte[65_536];

    public ClientWebSocket Socket { get; } = new();

    public static async Task<WsClient> ConnectAsync(RealtimeHost host, string token = "operator", params (string Name, string Value)[] headers)
    {
        var client = new WsClient();
        client.Socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            client.Socket.Options.SetRequestHeader(name, value);
        using var limit = new CancellationTokenSource(Limit);
        await client.Socket.ConnectAsync(host.Socket, limit.Token);
        return client;
    }

    /// <summary>Connected and subscribed.</summary>
    public static async Task<WsClient> SubscribeAsync(RealtimeHost host, object data, string token = "operator")
    {
        var client = await ConnectAsync(host, token);
        await client.SendAsync(new { type = "subscribe", data });
        Assert.Equal("subscribed", (await client.ReceiveAsync()).GetProperty("type").GetString());
        return client;
    }

    public Task SendAsync(object message) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(message));

    public Task SendAsync(string message) => SendAsync(Encoding.UTF8.GetBytes(message));

    public async Task SendAsync(byte[] message, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var limit = new CancellationTokenSource(Limit);
        await Socket.SendAsync(message, type, endOfMessage: true, limit.Token);
    }

    public async Task<JsonElement> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var length = 0;
        while (true)
        {
            var received = await Socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
            Assert.True(received.MessageType == WebSocketMessageType.Text, $"closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
            length += received.Count;
            if (received.EndOfMessage)
                return JsonSerializer.Deserialize<JsonElement>(_buffer.AsSpan(0, length));
        }
    }

    public async Task<JsonElement> AskAsync(object message)
    {
        await SendAsync(message);
        return await ReceiveAsync();
    }

    /// <summary>The numbers of the next events of <c>{"n": …}</c>.</summary>
    public async Task<IEnumerable<int>> NumbersAsync(int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
            numbers[i] = (await ReceiveAsync()).GetProperty("data").GetProperty("n").GetInt32();
        return numbers;
    }

    /// <summary>Reads until the other side closes.</summary>
    public async Task<(int Status, string? Reason)> ClosedAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while ((await Socket.ReceiveAsync(_buffer.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            continue;
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        return ((int)Socket.CloseStatus!, Socket.CloseStatusDescription);
    }

    public void Dispose() => Socket.Dispose();
}
