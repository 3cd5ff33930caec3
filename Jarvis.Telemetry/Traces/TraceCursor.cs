using System.Buffers.Binary;
using System.Buffers.Text;

namespace Jarvis.Telemetry.Traces;

/// <summary>The last trace of a page: its start and its id, in 32 characters that mean nothing to a client.</summary>
public readonly record struct TraceCursor(long StartUnixNano, byte[] TraceId)
{
    private const int Length = sizeof(long) + 16;

    public static bool TryParse(string text, out TraceCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length) || !Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var written) || written != Length)
            return false;
        cursor = new(BinaryPrimitives.ReadInt64BigEndian(bytes), bytes[sizeof(long)..].ToArray());
        return cursor.StartUnixNano >= 0;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, StartUnixNano);
        TraceId.CopyTo(bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes);
    }
}
