using System.Buffers;
using System.Text;

namespace Jarvis.Catalog.Formats;

/// <summary>What a text is, which decides how sure one has to be of a secret in it.</summary>
public enum TextSort
{
    /// <summary>A parameter, or code: what stands in quotes behind a speaking name is meant.</summary>
    Code,

    /// <summary>Markdown and notes, which are full of examples: only what no author makes up is taken for a secret.</summary>
    Prose,
}

/// <summary>
/// Finds literal secrets in texts that are full of other things: parameters and code of workflows, front matter, Markdown. References, expressions
/// (<c>{{ $env.X }}</c>), placeholders and samples are none. What counts as a name, a key or random text is <see cref="SecretWords"/>' to say, as for MCP
/// servers, whose environments and headers <see cref="SecretMask"/> hides more strictly. One pass for each sign of a secret, of bounded steps each.
/// </summary>
public static partial class LiteralSecrets
{
    private const int MaxName = 60;
    private const int MaxValue = 4_096;
    private const int MaxBlanks = 8;
    private const string PrivateKey = "PRIVATE KEY-----";

    private static readonly SearchValues<string> Schemes = SearchValues.Create(["Bearer ", "Basic ", "Token ", "Bot ", "ApiKey ", "Api-Key "], StringComparison.OrdinalIgnoreCase);
    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(" \t\r\n\"'`&;,<>(){}[]|\\");
    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t\r\n\"'`<>\\");

    /// <summary>The text with <see cref="SecretMask.Shown"/> in the place of each secret, and how many there were.</summary>
    public static (string Text, int Count) Mask(string text, TextSort sort)
    {
        var found = Find(text, sort);
        return found.Count == 0 ? (text, 0) : (Without(text, found, out var count), count);
    }

    /// <summary>Whether there is a secret in the text.</summary>
    public static bool Has(string text, TextSort sort) => Find(text, sort).Count > 0;

    private static List<(int Start, int End)> Find(string text, TextSort sort)
    {
        var found = new List<(int Start, int End)>();
        if (text.Length < SecretValues.Shortest)
            return found;
        Keys(text, found);
        Addresses(text, sort, found);
        AfterSchemes(text, found);
        Assigned(text, sort, found);
        PrivateKeys(text, found);
        return found;
    }

    private static string Without(string text, List<(int Start, int End)> found, out int count)
    {
        found.Sort();
        var masked = new StringBuilder(text.Length);
        var at = count = 0;
        foreach (var (start, end) in found)
        {
            if (end <= at)
                continue;
            // One secret may have been found in two ways.
            if (start >= at)
            {
                masked.Append(text, at, start - at).Append(SecretMask.Shown);
                count++;
            }

            at = end;
        }

        return masked.Append(text, at, text.Length - at).ToString();
    }

    private static void Keys(string text, List<(int Start, int End)> found)
    {
        for (var at = SecretWords.NextKnownKey(text, 0); at >= 0;)
        {
            var end = at;
            while (end < text.Length && end - at < MaxValue && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '_' or '.' or '=' or ':'))
                end++;
            if ((at == 0 || !IsWord(text[at - 1]) || IsEscape(text, at - 1)) && SecretValues.KnownKey(text.AsSpan(at, end - at)) is var length and > 0)
                found.Add((at, end = at + length));
            else
                end = at + 1;
            at = SecretWords.NextKnownKey(text, end);
        }
    }

    private static void AfterSchemes(string text, List<(int Start, int End)> found)
    {
        for (int at = 0, next; (next = text.AsSpan(at).IndexOfAny(Schemes)) >= 0;)
        {
            at += next;
            var start = at + text.AsSpan(at).IndexOf(' ');
            var isWord = at > 0 && IsWord(text[at - 1]);
            at = start + 1;
            start = SkipBlanks(text, start);
            var end = End(text, start, ValueEnds);
            if (!isWord && SecretValues.IsToken(text.AsSpan(start, end - start)))
                found.Add((start, end));
        }
    }

    private static void Assigned(string text, TextSort sort, List<(int Start, int End)> found)
    {
        for (var at = SecretWords.NextSpeaking(text, 0); at >= 0; at = SecretWords.NextSpeaking(text, at))
        {
            var (start, end) = (at, at);
            while (start > 0 && at - start < MaxName && IsName(text[start - 1]))
                start--;
            while (end < text.Length && end - at < MaxName && IsName(text[end]))
                end++;
            var name = text.AsSpan(start, end - start);
            at = end;
            if (Value(text, end) is not var (from, to, isQuoted) || to == from || !SecretWords.Speak(name.ToString()))
                continue;
            var value = text.AsSpan(from, to - from);
            if (!SecretValues.IsAssigned(name, value, sort, isQuoted))
                continue;
            // The scheme before a token stays.
            found.Add((from + SecretValues.SchemeLength(value), to));
            at = to;
        }
    }

    /// <summary>What stands behind a name and a sign that assigns; null when there is no such sign.</summary>
    private static (int From, int To, bool IsQuoted)? Value(string text, int at)
    {
        // A key of JSON within a text has its quotes escaped.
        for (var quotes = 0; quotes < 6 && at < text.Length && text[at] is '\\' or '"' or '\'' or '`' or ']'; quotes++)
            at++;
        at = SkipBlanks(text, at);
        if (at >= text.Length || text[at] is not ('=' or ':'))
            return null;
        for (var signs = 0; signs < 3 && at < text.Length && text[at] is '=' or ':' or '>'; signs++)
            at++;
        at = SkipBlanks(text, at);
        var escapes = at;
        while (at < text.Length && at - escapes < 4 && text[at] == '\\')
            at++;
        if (at >= text.Length || text[at] is not ('"' or '\'' or '`'))
            return (escapes, End(text, escapes, ValueEnds), false);
        var quote = text[at++];
        var length = text.AsSpan(at, Math.Min(MaxValue, text.Length - at)).IndexOfAny(quote, '\n');
        if (length < 0 || text[at + length] != quote)
            return null;
        var end = at + length;
        while (end > at && text[end - 1] == '\\')
            end--;
        return (at, end, true);
    }

    private static void PrivateKeys(string text, List<(int Start, int End)> found)
    {
        for (int at = 0, next; (next = text.IndexOf(PrivateKey, at, StringComparison.Ordinal)) >= 0;)
        {
            var start = next + PrivateKey.Length;
            var end = text.IndexOf("-----END", start, StringComparison.Ordinal) is var close and >= 0 ? close : text.Length;
            at = end;
            // The line that ends one key has the words, too.
            if (text.AsSpan(0, next).EndsWith("-----END ") || !text.AsSpan(0, next).TrimEnd("ABCDEFGHIJKLMNOPQRSTUVWXYZ ").EndsWith("-----"))
                at = start;
            else if (SecretValues.IsKeyMaterial(text.AsSpan(start, end - start)))
                found.Add((start, end));
        }
    }

    private static int SkipBlanks(string text, int at)
    {
        for (var blanks = 0; blanks < MaxBlanks && at < text.Length && text[at] is ' ' or '\t'; blanks++)
            at++;
        return at;
    }

    private static int End(string text, int at, SearchValues<char> ends)
    {
        var rest = text.AsSpan(at, Math.Min(MaxValue, text.Length - at));
        return at + (rest.IndexOfAny(ends) is var length and >= 0 ? length : rest.Length);
    }

    private static bool IsName(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.';

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';

    // The n of \n in a text within a text is no letter of a word.
    private static bool IsEscape(string text, int at) => at > 0 && text[at - 1] == '\\' && text[at] is 'n' or 'r' or 't';
}
