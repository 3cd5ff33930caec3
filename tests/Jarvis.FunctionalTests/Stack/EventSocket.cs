using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>A client of <c>/ws</c>, signed in as the stack's own client.</summary>
internal sealed class EventSocket : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly byte[] _buffer = new byte[65_536];
    private readonly ClientWebSocket _socket = new();

    public static Uri Address(JarvisStack jarvis, string query = "") => new UriBuilder(jarvis.Client.BaseAddress!) { Scheme = "ws", Path = "/ws", Query = query }.Uri;

    /// <summary>Connected, and subscribed to what <paramref name="data"/> says.</summary>
    public static async Task<EventSocket> OpenAsync(JarvisStack jarvis, object data)
    {
        var client = new EventSocket();
        if (jarvis.Client.DefaultRequestHeaders.Authorization is { } authorization)
            client._socket.Options.SetRequestHeader("Authorization", authorization.ToString());
        using var limit = new CancellationTokenSource(Limit);
        await client._socket.ConnectAsync(Address(jarvis), limit.Token);
        await client._socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { type = "subscribe", data }), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        Assert.Equal("subscribed", (await client.ReceiveAsync()).GetProperty("type").GetString());
        return client;
    }

    public async Task<JsonElement> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        var length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), limit.Token);
            Assert.True(received.MessageType == WebSocketMessageType.Text, $"closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
            length += received.Count;
            if (received.EndOfMessage)
                return JsonSerializer.Deserialize<JsonElement>(_buffer.AsSpan(0, length));
        }
    }

    /// <summary>Reads until so many tasks have ended.</summary>
    public async Task<IReadOnlyList<JsonElement>> UntilEndedAsync(int tasks)
    {
        var events = new List<JsonElement>();
        while (events.Count(frame => Status(frame) is "succeeded" or "failed" or "unknown" or "cancelled") < tasks)
            events.Add(await ReceiveAsync());
        return events;
    }

    /// <summary>Reads until this side is told that the connection ends.</summary>
    public async Task<int> ClosedAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while ((await _socket.ReceiveAsync(_buffer.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            continue;
        return (int)_socket.CloseStatus!;
    }

    public static long Id(JsonElement frame) => long.Parse(frame.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);

    public static string? Status(JsonElement frame) => frame.GetProperty("data").TryGetProperty("status", out var status) ? status.GetString() : null;

    public void Dispose() => _socket.Dispose();
}
