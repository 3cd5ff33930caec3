using System.Buffers.Binary;
using System.IO.Compression;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>
/// One coding of a prepared body. Its fixed part is compressed once, up to a byte boundary; each answer's own end is then appended uncompressed, which both
/// formats allow: gzip (RFC 1952) as a last stored block and the checksum continued over it, Brotli (RFC 7932, 9.2) as an uncompressed
/// meta-block and the empty last one.
/// </summary>
internal sealed class PreparedForm
{
    /// <summary>Longest end that <see cref="WriteEnd"/> takes: what a stored block's 16-bit length holds.</summary>
    public const int MaxEnd = 65_535;

    private const int GzipExtra = 5 + 8;
    private const int BrotliExtra = 3 + 1;

    private readonly PreparedCoding _coding;
    private readonly bool _whole;
    private readonly uint _crc;
    private readonly uint _length;

    private PreparedForm(PreparedCoding coding, bool whole, ReadOnlyMemory<byte> start, uint crc, uint length)
    {
        (_coding, _whole, Start, _crc, _length) = (coding, whole, start, crc, length);
    }

    /// <summary>The bytes that are the same in every answer.</summary>
    public ReadOnlyMemory<byte> Start { get; }

    public string? ContentEncoding => _coding switch
    {
        PreparedCoding.Gzip => "gzip",
        PreparedCoding.Brotli => "br",
        _ => null,
    };

    /// <summary>Compresses <paramref name="plain"/>; <paramref name="whole"/> when nothing follows it.</summary>
    public static PreparedForm Of(PreparedCoding coding, ReadOnlyMemory<byte> plain, bool whole)
    {
        // Without input there is no header to append to.
        if (plain.IsEmpty && !whole)
            throw new ArgumentException("What an end follows cannot be empty.", nameof(plain));
        if (coding == PreparedCoding.Identity)
            return new(coding, whole, plain, 0, 0);
        using var buffer = new MemoryStream(plain.Length / 4 + 64);
        using (Stream compressor = coding == PreparedCoding.Gzip
            ? new GZipStream(buffer, CompressionLevel.Optimal, leaveOpen: true)
            // Quality 5 is where a page costs about a millisecond; 11 would cost a hundred for a tenth less.
            : new BrotliStream(buffer, new BrotliCompressionOptions { Quality = 5 }, leaveOpen: true))
        {
            compressor.Write(plain.Span);
            if (!whole)
            {
                // A sync flush (gzip), a flush with padding (Brotli): both end on a byte.
                compressor.Flush();
                return new(coding, whole, buffer.ToArray(), coding == PreparedCoding.Gzip ? Crc32.Of(plain.Span) : 0, (uint)plain.Length);
            }
        }
        return new(coding, whole, buffer.ToArray(), 0, 0);
    }

    /// <summary>Bytes that an end of <paramref name="end"/> bytes takes in this coding.</summary>
    public int EndLength(int end) => _whole ? 0 : _coding switch
    {
        PreparedCoding.Gzip => end + GzipExtra,
        PreparedCoding.Brotli => end + BrotliExtra,
        _ => end,
    };

    /// <summary>Writes <paramref name="end"/> so that it completes <see cref="Start"/>; <paramref name="target"/> has <see cref="EndLength"/> bytes.</summary>
    public void WriteEnd(Span<byte> target, ReadOnlySpan<byte> end)
    {
        if (end.Length > MaxEnd)
            throw new ArgumentException($"An end has at most {MaxEnd} bytes.", nameof(end));
        if (_whole)
            return;
        switch (_coding)
        {
            case PreparedCoding.Gzip:
                target[0] = 1; // BFINAL, BTYPE 00
                BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)end.Length);
                BinaryPrimitives.WriteUInt16LittleEndian(target[3..], (ushort)~end.Length);
                end.CopyTo(target[5..]);
                BinaryPrimitives.WriteUInt32LittleEndian(target[(5 + end.Length)..], Crc32.Continue(_crc, end));
                BinaryPrimitives.WriteUInt32LittleEndian(target[(9 + end.Length)..], _length + (uint)end.Length);
                break;
            case PreparedCoding.Brotli:
                // ISLAST 0, MNIBBLES 00 (four), MLEN-1 in 16 bits, ISUNCOMPRESSED 1, padding; the lowest bit first.
                var header = ((uint)(end.Length - 1) << 3) | (1u << 19);
                target[0] = (byte)header;
                target[1] = (byte)(header >> 8);
                target[2] = (byte)(header >> 16);
                end.CopyTo(target[3..]);
                target[3 + end.Length] = 3; // ISLAST, ISLASTEMPTY
                break;
            default:
                end.CopyTo(target);
                break;
        }
    }
}
