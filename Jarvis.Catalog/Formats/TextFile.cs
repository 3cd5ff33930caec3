using System.Text;

namespace Jarvis.Catalog.Formats;

/// <summary>A file's text, in the encoding that its bytes tell: a byte order mark decides, then the look of UTF-16, then strict UTF-8, then Latin-1.</summary>
/// <param name="Text">Without its byte order mark.</param>
/// <param name="Encoding"><c>utf-8</c>, <c>utf-8-bom</c>, <c>utf-16le</c>, <c>utf-16be</c> or <c>latin-1</c>.</param>
public sealed record TextFile(string Text, string Encoding)
{
    private const int Sample = 4_096;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null when the bytes are no text (they hold NUL).</summary>
    public static TextFile? Decode(ReadOnlySpan<byte> bytes)
    {
        var file = bytes switch
        {
            [0xEF, 0xBB, 0xBF, .. var rest] => Utf8(rest, "utf-8-bom"),
            [0xFF, 0xFE, .. var rest] => new(System.Text.Encoding.Unicode.GetString(rest), "utf-16le"),
            [0xFE, 0xFF, .. var rest] => new(System.Text.Encoding.BigEndianUnicode.GetString(rest), "utf-16be"),
            _ when Nul(bytes) is { } nul && nul.Odd > nul.Even => new(System.Text.Encoding.Unicode.GetString(bytes), "utf-16le"),
            _ when Nul(bytes) is not null => new(System.Text.Encoding.BigEndianUnicode.GetString(bytes), "utf-16be"),
            _ => Utf8(bytes, "utf-8"),
        };
        return file.Text.Contains('\0', StringComparison.Ordinal) ? null : file;
    }

    // UTF-16 without its mark shows by NULs in every other place: front matter and JSON are mostly ASCII. Null when it is not that.
    private static (int Even, int Odd)? Nul(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || bytes.Length % 2 != 0 || (bytes[0] != 0 && bytes[1] != 0))
            return null;
        var sample = bytes[..Math.Min(bytes.Length, Sample)];
        var (even, odd) = (0, 0);
        for (var i = 0; i < sample.Length; i += 2)
        {
            even += sample[i] == 0 ? 1 : 0;
            odd += sample[i + 1] == 0 ? 1 : 0;
        }

        return Math.Min(even, odd) == 0 && Math.Max(even, odd) * 3 > sample.Length / 2 ? (even, odd) : null;
    }

    private static TextFile Utf8(ReadOnlySpan<byte> bytes, string encoding)
    {
        try
        {
            return new(Strict.GetString(bytes), encoding);
        }
        catch (DecoderFallbackException)
        {
            return new(System.Text.Encoding.Latin1.GetString(bytes), "latin-1");
        }
    }
}
