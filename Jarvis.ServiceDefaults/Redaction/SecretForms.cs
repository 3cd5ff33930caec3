using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>
/// What is a secret by its looks, wherever it stands: Jarvis' own keys, tokens and tickets, JSON Web Tokens, keys of known services, credentials of HTTP, and user and
/// password of an address. The last resort: what can be told by its name is not left to it.
/// </summary>
public static partial class SecretForms
{
    // 32 random bytes, in base64url (tickets, links, cookies) and in hex (the set-up token, the key of services).
    private const int Base64Length = 43;
    private const int HexLength = 64;

    private static readonly SearchValues<string> Marks = SearchValues.Create(
        [
            "jrv_", "jrt_", "eyJ", "bearer ", "basic ", "://", "sk-", "sk_", "rk_", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "hf_", "npm_", "AKIA", "ASIA", "AIza",
            "ya29.", "gsk_", "whsec_", "pypi-", "dckr_pat_",
        ], StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly SearchValues<char> Word = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>False when nothing in the text looks like a secret: a quick look before a slow one.</summary>
    public static bool MayHide(ReadOnlySpan<char> text) => text.Length >= Base64Length || (text.Length >= 8 && text.ContainsAny(Marks));

    /// <summary>The text without its secrets; the very same text when it has none.</summary>
    public static string Redact(string text)
    {
        if (text.Length >= 8 && text.AsSpan().ContainsAny(Marks))
        {
            text = Replace(UserInfo(), text, "://REDACTED@");
            text = Replace(Scheme(), text, "${scheme} REDACTED");
            text = Replace(Known(), text, QueryRedaction.Redacted);
        }
        return text.Length >= Base64Length ? WithoutRandomWords(text) : text;
    }

    internal static string Replace(Regex pattern, string text, string by) => pattern.IsMatch(text) ? pattern.Replace(text, by) : text;

    private static string WithoutRandomWords(string text)
    {
        StringBuilder? clean = null;
        int copied = 0, position = 0;
        while (text.Length - position >= Base64Length && text.AsSpan(position).IndexOfAny(Word) is var offset and >= 0)
        {
            var start = position + offset;
            var length = text.AsSpan(start).IndexOfAnyExcept(Word);
            position = length < 0 ? text.Length : start + length;
            if (!IsRandom(text, start, position - start))
                continue;
            clean ??= new StringBuilder(text.Length);
            clean.Append(text, copied, start - copied).Append(QueryRedaction.Redacted);
            copied = position;
        }
        return clean is null ? text : clean.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool IsRandom(string text, int start, int length)
    {
        var word = text.AsSpan(start, length);
        if (length == HexLength)
            return !word.ContainsAnyExcept(Hex) && !text.AsSpan(0, start).EndsWith("sha256:", StringComparison.OrdinalIgnoreCase);
        // A name of exactly this length hardly ever has all three.
        return length == Base64Length && word.ContainsAnyInRange('A', 'Z') && word.ContainsAnyInRange('a', 'z') && word.ContainsAnyInRange('0', '9');
    }

    [GeneratedRegex("://[^/\\s?#@\"'<>]+@", RegexOptions.NonBacktracking)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(?<scheme>Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{16,}", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"\b((jrv|jrt)_[A-Za-z0-9_-]{8,}|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*)?|(sk[-_]|rk_|gh[posur]_|github_pat_|glpat-|xox[abeprs]-|hf_|npm_|AKIA|ASIA|AIza|ya29\.|gsk_|whsec_|pypi-|dckr_pat_)[A-Za-z0-9_-]{12,})",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Known();
}
