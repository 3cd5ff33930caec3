using System.Buffers.Binary;
using System.Text;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) field by field, without copies. Whatever is
/// truncated or impossible throws <see cref="OtlpFormatException"/>; each call takes time bounded by the bytes that it passes.
/// </summary>
public ref struct WireReader(ReadOnlySpan<byte> data)
{
    // Of texts that are kept for themselves; the longest of them has 4,096 characters.
    private const int MaxTextBytes = 65_536;
    private const int Varint = 0, Eight = 1, Delimited = 2, Four = 5;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;
    private uint _tag;

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_at == _data.Length)
            return false;
        var tag = ReadVarint();
        if (tag is 0 or > uint.MaxValue || tag >> 3 == 0)
            throw new OtlpFormatException("A protobuf field has no valid number.");
        _tag = (uint)tag;
        return true;
    }

    // Each returns true and the value when the current field is this one; a field of another type is an unknown one, as protobuf has it.
    public bool IsBytes(int field, out ReadOnlySpan<byte> value)
    {
        var match = _tag == (uint)(field << 3 | Delimited);
        value = match ? ReadDelimited() : default;
        return match;
    }

    public bool IsVarint(int field, out ulong value)
    {
        var match = _tag == (uint)(field << 3 | Varint);
        value = match ? ReadVarint() : 0;
        return match;
    }

    public bool IsFixed64(int field, out ulong value)
    {
        var match = _tag == (uint)(field << 3 | Eight);
        value = match ? BinaryPrimitives.ReadUInt64LittleEndian(Take(8)) : 0;
        return match;
    }

    public void Skip()
    {
        switch (_tag & 7)
        {
            case Varint:
                ReadVarint();
                break;
            case Eight:
                Take(8);
                break;
            case Delimited:
                ReadDelimited();
                break;
            case Four:
                Take(4);
                break;
            default:
                throw new OtlpFormatException("A protobuf field has a wire type that OTLP does not use.");
        }
    }

    /// <summary>UTF-8 as text, its first 64 KiB at the most; what is not UTF-8 becomes U+FFFD.</summary>
    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxTextBytes)]);

    private ReadOnlySpan<byte> ReadDelimited()
    {
        var length = ReadVarint();
        return length <= int.MaxValue ? Take((int)length) : throw Truncated();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _data.Length - _at)
            throw Truncated();
        var taken = _data.Slice(_at, count);
        _at += count;
        return taken;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_at == _data.Length)
                throw Truncated();
            var next = _data[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new OtlpFormatException("A protobuf varint has more than ten bytes.");
    }

    private static OtlpFormatException Truncated() => new("The protobuf message ends in the middle of a field.");
}
