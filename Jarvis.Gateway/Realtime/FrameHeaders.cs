using System.Buffers.Binary;

namespace Jarvis.Gateway.Realtime;

/// <summary>Finds the frames in what a client sends, however it is cut (RFC 6455, 5.2). It reads headers and skips what follows them; what is no frame is the framework's to refuse.</summary>
internal sealed class FrameHeaders
{
    private const int MaxLength = 14;

    private readonly byte[] _header = new byte[MaxLength];
    private int _have;
    private ulong _skip;

    /// <summary>How many frames begin in these bytes: those whose header is whole.</summary>
    public int Count(ReadOnlySpan<byte> bytes)
    {
        var frames = 0;
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, (ulong)bytes.Length);
                _skip -= (ulong)skipped;
                bytes = bytes[skipped..];
                continue;
            }
            _header[_have++] = bytes[0];
            bytes = bytes[1..];
            if (_have < Length())
                continue;
            _skip = Payload();
            _have = 0;
            frames++;
        }
        return frames;
    }

    /// <summary>Of the header, as far as it is known.</summary>
    private int Length() => _have < 2 ? 2 : 2 + ((_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }) + ((_header[1] & 0x80) != 0 ? 4 : 0);

    private ulong Payload() => (_header[1] & 0x7F) switch
    {
        126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
        127 => BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
        var length => (ulong)length,
    };
}
