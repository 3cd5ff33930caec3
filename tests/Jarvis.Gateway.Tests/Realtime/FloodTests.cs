using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Jarvis.Gateway.Realtime;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>Frames that are no messages cost work all the same.</summary>
public sealed class FloodTests
{
    private const int Ping = 0x89;
    private const int Continuation = 0x00;

    [Theory]
    [InlineData(Ping)]
    [InlineData(Continuation)]
    public async Task Frames_WithoutEnd_EndTheConnection(byte kind)
    {
        await using var host = await RealtimeHost.StartAsync(null, "--WebSockets:MessageBurst=10", "--WebSockets:MaxMessagesPerSecond=1");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var client = new TcpClient();
        await client.ConnectAsync(host.Address.Host, host.Address.Port, limit.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /ws HTTP/1.1\r\nHost: {host.Address.Authority}\r\nAuthorization: Bearer viewer\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), limit.Token);
        var answered = new StringBuilder();
        var reading = ReadAsync(stream, answered, limit.Token);
        await Until.TrueAsync(() => Text(answered).Contains("\r\n\r\n", StringComparison.Ordinal) && host.Connections.Count == 1);
        // A text message that never ends, for the pieces.
        byte[] first = kind == Continuation ? [0x01, 0x80, 0, 0, 0, 0] : [];
        byte[] frames = [.. first, .. Enumerable.Repeat<byte[]>([kind, 0x80, 0, 0, 0, 0], 150).SelectMany(frame => frame)];
        await stream.WriteAsync(frames, limit.Token);
        await reading;
        Assert.Contains("too many frames", Text(answered), StringComparison.Ordinal);
        await Until.TrueAsync(() => host.Connections.Count == 0);
    }

    [Fact]
    public async Task Message_InManyPieces_IsTaken()
    {
        await using var host = await RealtimeHost.StartAsync();
        using var client = await WsClient.ConnectAsync(host);
        var message = "{\"type\":\"ping\",\"id\":\"in pieces\"}"u8.ToArray();
        for (var at = 0; at < message.Length; at++)
            await client.Socket.SendAsync(message.AsMemory(at, 1), WebSocketMessageType.Text, at == message.Length - 1, CancellationToken.None);
        Assert.Equal("in pieces", (await client.ReceiveAsync()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(70_000)]
    public void Frames_AreFoundHoweverTheyAreCut(int size)
    {
        byte[] bytes = [.. Frame(0), .. Frame(5), .. Frame(125), .. Frame(126), .. Frame(65_535), .. Frame(65_536), .. Frame(0)];
        var headers = new FrameHeaders();
        Assert.Equal(7, bytes.Chunk(size).Sum(piece => headers.Count(piece)));
        Assert.Equal(1, headers.Count(Frame(1)));
    }

    [Fact]
    public void Frame_OfAnImpossibleLength_IsOne()
    {
        var headers = new FrameHeaders();
        Assert.Equal(1, headers.Count([0x82, 0xFF, .. Enumerable.Repeat((byte)0xFF, 8), 0, 0, 0, 0]));
        Assert.Equal(0, headers.Count(new byte[1_000]));
    }

    private static byte[] Frame(int length)
    {
        var header = new byte[length < 126 ? 2 : length <= ushort.MaxValue ? 4 : 10];
        (header[0], header[1]) = (0x82, (byte)(0x80 | (length < 126 ? length : length <= ushort.MaxValue ? 126 : 127)));
        if (header.Length == 4)
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)length);
        else if (header.Length == 10)
            BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), (ulong)length);
        // The mask, and a payload that looks like headers.
        return [.. header, 1, 2, 3, 4, .. Enumerable.Repeat((byte)0x89, length)];
    }

    private static string Text(StringBuilder answered)
    {
        lock (answered)
            return answered.ToString();
    }

    private static async Task ReadAsync(NetworkStream stream, StringBuilder answered, CancellationToken cancellationToken)
    {
        var buffer = new byte[4_096];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                lock (answered)
                    answered.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Cut off.
        }
    }
}
