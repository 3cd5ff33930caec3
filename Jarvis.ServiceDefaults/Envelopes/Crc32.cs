namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>The checksum of gzip (RFC 1952, 8), which can be continued where it stood.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = Enumerable.Range(0, 256).Select(value =>
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++)
            crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        return crc;
    }).ToArray();

    public static uint Of(ReadOnlySpan<byte> bytes) => Continue(0, bytes);

    public static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        foreach (var value in bytes)
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc;
    }
}
