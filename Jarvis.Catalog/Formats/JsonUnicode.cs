using System.Globalization;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// Half of a surrogate pair, written as <c>\ud83d</c>, is valid JSON and no valid text: whoever reads the value gets an exception. It is replaced before
/// anyone does, so that it costs one character and not the file.
/// </summary>
public static class JsonUnicode
{
    /// <summary>The text with every lone half as <c>\ufffd</c>, and the line of the first one.</summary>
    public static string Mend(string text, out int? line)
    {
        line = null;
        if (!text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            return text;

        char[]? mended = null;
        for (var at = Next(text, 0); at >= 0;)
        {
            // Any other escape is two characters that need no look, a backslash among them.
            if (Half(text, at) is not { } half)
            {
                at = Next(text, at + 2);
                continue;
            }

            if (char.IsHighSurrogate(half) && Half(text, at + 6) is { } other && char.IsLowSurrogate(other))
            {
                at = Next(text, at + 12);
                continue;
            }

            line ??= text.AsSpan(0, at).Count('\n') + 1;
            mended ??= text.ToCharArray();
            "fffd".CopyTo(mended.AsSpan(at + 2));
            at = Next(text, at + 6);
        }

        return mended is null ? text : new(mended);
    }

    private static int Next(string text, int from) => from < text.Length ? text.IndexOf('\\', from) : -1;

    private static char? Half(string text, int at) =>
        at + 6 <= text.Length && text[at] == '\\' && text[at + 1] == 'u' && ushort.TryParse(text.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            && char.IsSurrogate((char)code) ? (char)code : null;
}
