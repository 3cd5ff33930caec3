using System.Buffers.Binary;
using System.Text;

namespace Jarvis.Telemetry.Tests.Ingestion;

/// <summary>Writes protobuf messages, valid ones and others.</summary>
internal sealed class Wire
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public Wire Varint(int field, ulong value) => Raw((ulong)(field << 3)).Raw(value);

    public Wire Fixed64(int field, ulong value)
    {
        Raw((ulong)(field << 3 | 1));
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public Wire Bytes(int field, byte[] value)
    {
        Raw((ulong)(field << 3 | 2)).Raw((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public Wire Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public Wire Message(int field, Wire message) => Bytes(field, message.ToArray());

    public Wire Raw(ulong varint)
    {
        for (; varint >= 0x80; varint >>= 7)
            _bytes.Add((byte)(varint | 0x80));
        _bytes.Add((byte)varint);
        return this;
    }

    public static Wire TextAttribute(string key, string value) => Attribute(key, new Wire().Text(1, value));

    public static Wire Attribute(string key, Wire any) => new Wire().Text(1, key).Message(2, any);
}
