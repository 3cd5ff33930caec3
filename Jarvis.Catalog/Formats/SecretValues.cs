using System.Buffers;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Formats;

/// <summary>Whether a value is a literal secret, given where it stands. Nothing here looks at more than the value.</summary>
public static partial class SecretValues
{
    /// <summary>A shorter text holds no secret that could be told from a word.</summary>
    public const int Shortest = 6;

    private const int ShortestToken = 16;
    private const int ShortestKey = 8;
    private const int ShortestWeak = 16;
    private const int ShortestKeyMaterial = 64;
    private const int MaxValue = 4_096;

    // What a value is shows in its beginning: many that overlap must not each be read to their ends.
    private const int Look = 256;
    private const int LongestScheme = 32;

    private static readonly SearchValues<char> PathEnds = SearchValues.Create("?#{},;)");
    private static readonly SearchValues<char> NoLiteral = SearchValues.Create(" \t\r\n$<>•");
    private static readonly SearchValues<char> Signs = SearchValues.Create("!?*%^&+=@#~");

    private static readonly HashSet<string> SamplePasswords = new(
        [
            "pass", "passwd", "password", "pwd", "pw", "secret", "user", "username", "postgres", "root", "admin", "guest", "test", "token", "key", "mysql", "redis", "mongo", "rabbitmq", "dev",
            "localhost", "host", "changeit", "changeme", "p4ss", "passw0rd", "p@ssw0rd", "password1", "password123", "pass123", "secret123", "test123", "admin123",
        ], StringComparer.OrdinalIgnoreCase);

    /// <summary>A value that stands alone under its name, such as a parameter or what a header's name has beside it.</summary>
    public static bool IsNamed(string name, ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (value.Length is < Shortest or > MaxValue || name.Length > 100 || !SecretWords.Speak(name))
            return false;
        // An expression of n8n begins with an equals sign; one without braces is the text behind it.
        value = value.StartsWith('=') ? value[1..] : value;
        return IsAssigned(name, value, TextSort.Code, isQuoted: true) || (SecretWords.IsChosen(name) && value.Length >= Shortest && IsLiteral(value));
    }

    /// <summary>A value behind a name and an equals sign or a colon.</summary>
    public static bool IsAssigned(ReadOnlySpan<char> name, ReadOnlySpan<char> value, TextSort sort, bool isQuoted)
    {
        value = value[SchemeLength(value)..];
        value = value[..Math.Min(value.Length, Look)];
        if (value.Length < Shortest || !IsLiteral(value))
            return false;
        if (sort == TextSort.Prose || !isQuoted)
            return SecretWords.IsRandom(value) || (!isQuoted && sort == TextSort.Code && SecretWords.IsPassword(name) && IsMixed(value, ShortestToken));
        return SecretWords.IsPassword(name) ? IsMixed(value, ShortestKey) || IsOdd(value) : value.Length >= ShortestWeak && SecretWords.IsRandom(value);
    }

    /// <summary>What stands behind <c>Bearer</c> and its like.</summary>
    public static bool IsToken(ReadOnlySpan<char> value)
    {
        value = value[..Math.Min(value.Length, Look)];
        return value.Length >= ShortestToken && IsLiteral(value) && IsMixed(value, ShortestToken);
    }

    /// <summary>The password of an address, or, alone, a user that may be a key.</summary>
    public static bool IsPassword(ReadOnlySpan<char> value, bool isAlone, TextSort sort)
    {
        if (!IsLiteral(value) || value.Contains(':'))
            return false;
        if (isAlone || sort == TextSort.Prose)
            return SecretWords.IsRandom(value) || (!isAlone && value.Length >= 8 && IsOdd(value));
        return value.Length >= 3 && !SamplePasswords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value);
    }

    /// <summary>How much of a text that begins with the prefix of a known service's key is one; 0 when it is none.</summary>
    public static int KnownKey(ReadOnlySpan<char> text)
    {
        var look = text[..Math.Min(text.Length, Look)];
        foreach (var match in SecretWords.KnownKey().EnumerateMatches(look))
        {
            if (match.Index > 0 || !look[..match.Length].ContainsAnyInRange('0', '9') || Sample().IsMatch(look[..match.Length]))
                return 0;
            return match.Length < look.Length ? match.Length : text.Length;
        }

        return 0;
    }

    /// <summary>What stands between the lines of a private key, and not three dots in its place.</summary>
    public static bool IsKeyMaterial(ReadOnlySpan<char> text)
    {
        var letters = 0;
        foreach (var character in text)
            letters += char.IsAsciiLetterOrDigit(character) ? 1 : 0;
        return letters >= ShortestKeyMaterial && text.ContainsAnyInRange('0', '9') && !Sample().IsMatch(text[..Math.Min(text.Length, MaxValue)]);
    }

    /// <summary>The end of an address that is a key: one of its parts is random.</summary>
    public static bool IsPath(ReadOnlySpan<char> text)
    {
        text = text[..PathLength(text)];
        foreach (var part in text.Split('/'))
        {
            if (SecretWords.IsRandom(text[part]) && !Sample().IsMatch(text[part]))
                return true;
        }

        return false;
    }

    public static int PathLength(ReadOnlySpan<char> text) => text.IndexOfAny(PathEnds) is var end and >= 0 ? end : text.Length;

    public static int SchemeLength(ReadOnlySpan<char> value)
    {
        foreach (var match in Scheme().EnumerateMatches(value[..Math.Min(value.Length, LongestScheme)]))
            return match.Length;
        return 0;
    }

    // In one piece; no expression, no reference, no place to fill in, no address and no path.
    private static bool IsLiteral(ReadOnlySpan<char> value) =>
        value.Length is > 0 and <= MaxValue && value.IndexOfAny(NoLiteral) < 0 && value[0] is not ('/' or '.' or '~' or '@' or '#' or '%' or '{' or '[' or '(')
        && !value.Contains("{{", StringComparison.Ordinal) && !value.Contains("://", StringComparison.Ordinal)
        && !SecretWords.IsPlaceholder(value) && !Sample().IsMatch(value) && !SamplePasswords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value);

    private static bool IsMixed(ReadOnlySpan<char> value, int minLength) =>
        value.Length >= minLength && value.ContainsAnyInRange('0', '9') && value.IndexOfAnyInRange('a', 'z') + value.IndexOfAnyInRange('A', 'Z') > -2;

    // Letters, a digit and a sign, as one makes up a password.
    private static bool IsOdd(ReadOnlySpan<char> value) =>
        IsMixed(value, Shortest) && (value.IndexOfAny(Signs) >= 0 || (value.ContainsAnyInRange('a', 'z') && value.ContainsAnyInRange('A', 'Z')));

    [GeneratedRegex(@"^\s*(Bearer|Basic|Token|Bot|ApiKey|Api-Key|Key)\s+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"your|example|placeholder|insert|enter|replace|dummy|sample|changeme|xxx|1234567|<|\[|\.\.\.|…", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Sample();
}
