using System.Net.WebSockets;

namespace Jarvis.Gateway.Realtime;

/// <summary>What came from a client.</summary>
internal enum FrameKind
{
    Text,
    Binary,

    /// <summary>Read off and thrown away.</summary>
    TooLong,

    /// <summary>Too long even for that.</summary>
    FarTooLong,

    /// <summary>The client closes.</summary>
    Close,
}

/// <summary>Reads whole messages, of at most <see cref="MessageReader.MaxBytes"/> into memory, whatever their fragments.</summary>
internal sealed class FrameReader(WebSocket socket)
{
    /// <summary>Bytes of a message that are read off; after that the connection ends.</summary>
    public const int MaxDiscarded = 1_048_576;

    // Most messages fit; it grows with the first that does not.
    private byte[] _buffer = new byte[1_024];

    /// <summary>The next message.</summary>
    /// <returns>What it is and, for text, its bytes, which are good until the next call.</returns>
    public async Task<(FrameKind Kind, ReadOnlyMemory<byte> Bytes)> ReadAsync()
    {
        var (length, total) = (0, 0);
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                return (FrameKind.Close, default);
            total += received.Count;
            length += received.Count;
            if (total > MaxDiscarded)
                return (FrameKind.FarTooLong, default);
            if (received.EndOfMessage)
                return (received.MessageType == WebSocketMessageType.Binary ? FrameKind.Binary : total > MessageReader.MaxBytes ? FrameKind.TooLong : FrameKind.Text, _buffer.AsMemory(0, length));
            if (length < _buffer.Length)
                continue;
            if (_buffer.Length <= MessageReader.MaxBytes)
                Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MessageReader.MaxBytes + 1));
            else
                length = 0; // too long: only counted from here on
        }
    }
}
