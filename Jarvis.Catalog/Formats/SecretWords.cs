using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Formats;

/// <summary>What a secret looks like: names that speak of one, keys of known services by their prefix, and text that only a machine writes.</summary>
public static partial class SecretWords
{
    private static readonly string[] Speaking =
        ["key", "token", "secret", "pass", "pwd", "auth", "cred", "session", "cookie", "signature", "bearer", "jwt", "mnemonic", "seed_phrase", "seedphrase"];

    // Words that have a speaking one within them.
    private static readonly string[] Harmless =
    [
        "author", "keyboard", "keyword", "keyring", "keyspace", "keynote", "keyframe", "key-value", "keyvalue", "monkey", "turkey", "hockey", "donkey", "tokeniz", "max_tokens", "max-tokens",
        "maxtokens", "token_limit", "token-limit", "tokenlimit", "passthrough", "passive", "bypass", "compass", "passenger",
    ];

    private static readonly string[] NeutralEnds =
        ["timeout", "type", "mode", "method", "file", "path", "dir", "url", "uri", "endpoint", "port", "name", "limit", "length", "provider", "host", "ttl", "enabled", "required"];

    private static readonly SearchValues<string> Prefixes = SearchValues.Create(
        [
            "sk-", "sk_", "pk-", "pk_", "rk_", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "xapp-", "hf_", "npm_", "AKIA", "ASIA", "AIza", "ya29.", "eyJ", "sbp_",
            "tvly-", "pplx-", "gsk_", "r8_", "ntn_", "lin_api_", "dop_v1_", "SG.", "whsec_", "figd_", "dckr_pat_", "pypi-", "shpat_", "ATATT", "phc_", "phx_", "sntrys_", "bot",
        ], StringComparison.Ordinal);

    private static readonly SearchValues<string> SpeakingWords = SearchValues.Create([.. Speaking, "sig", "pat"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a value under this name is likely to be secret, such as <c>API_KEY</c> and <c>--password</c>, but not <c>AUTHOR</c> or <c>auth-type</c>.</summary>
    public static bool Speak(string name)
    {
        // An author's name is within it.
        name = name.ToLowerInvariant().Replace("authorization", "auth", StringComparison.Ordinal);
        if (!Array.Exists(Speaking, name.Contains) && !ShortWord().IsMatch(name))
            return false;
        foreach (var word in Harmless)
            name = name.Replace(word, "", StringComparison.Ordinal);
        return (Array.Exists(Speaking, name.Contains) || ShortWord().IsMatch(name)) && !Array.Exists(NeutralEnds, end => name.EndsWith(end, StringComparison.Ordinal));
    }

    /// <summary>False when no key of a known service can be in the text: a quick look before a slow one.</summary>
    public static bool MayHaveKnownKey(ReadOnlySpan<char> text) => text.ContainsAny(Prefixes);

    /// <summary>Where the next prefix of such a key stands; -1 when there is none.</summary>
    public static int NextKnownKey(string text, int from) => Next(text, from, Prefixes);

    /// <summary>Where the next word stands that a speaking name may have; -1 when there is none.</summary>
    public static int NextSpeaking(string text, int from) => Next(text, from, SpeakingWords);

    /// <summary>Whether a name says that its value is the secret itself, such as <c>client_secret</c> and <c>X-API-Key</c>, and not only that it is about one.</summary>
    public static bool IsPassword(ReadOnlySpan<char> name) => Password().IsMatch(name);

    /// <summary>Whether a name says that a person chose its value, which then may be any word.</summary>
    public static bool IsChosen(ReadOnlySpan<char> name) => Chosen().IsMatch(name);

    /// <summary>What stands where a value is still to be filled in, such as <c>YOUR_API_KEY</c>, <c>&lt;token&gt;</c> and <c>xxxx</c>.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> value) => Placeholder().IsMatch(value.Trim());

    /// <summary>Whether a run of letters, digits and <c>+/_=.~-</c> is most likely no word, no name and no path, but a key.</summary>
    public static bool IsRandom(ReadOnlySpan<char> run)
    {
        if (run.Length >= 36 && Uuid().IsMatch(run))
            return true;
        var whole = default(Mixture);
        var piece = default(Mixture);
        foreach (var character in run)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                whole.Add(character);
                piece.Add(character);
                continue;
            }

            if (piece.IsRandom(minLength: 20, needsBothCases: false))
                return true;
            piece = default;
        }

        // Base64 for URLs has - and _ in it, which names have too: only with capitals, small letters and digits in a muddle it counts.
        return piece.IsRandom(minLength: 20, needsBothCases: false) || whole.IsRandom(minLength: 28, needsBothCases: true);
    }

    [GeneratedRegex(@"\b(sk[-_]|pk[-_]|rk_|gh[posur]_|github_pat_|glpat-|xox[abeprs]-|xapp-|hf_|npm_|AKIA|ASIA|AIza|ya29\.|eyJ|sbp_|tvly-|pplx-|gsk_|r8_|ntn_|lin_api_|dop_v1_|SG\.|whsec_|figd_|dckr_pat_|pypi-|shpat_|ATATT|ph[cx]_|sntrys_|bot[0-9]{6,}:)[-_.A-Za-z0-9]{12,}=*",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex KnownKey();

    private static int Next(string text, int from, SearchValues<string> words) => from < text.Length && text.AsSpan(from).IndexOfAny(words) is var at and >= 0 ? from + at : -1;

    [GeneratedRegex(@"(^|[-_. ]|[a-z0-9])(pass|password|passwd|passphrase|pwd|secret|token|authorization|(api|access|account|secret|private|encryption|signing|subscription|service|auth|master)[-_ .]?key)$",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Password();

    [GeneratedRegex(@"(pass|password|passwd|passphrase|pwd)$", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Chosen();

    [GeneratedRegex(@"(^|[^a-z])(pat|pin|otp|sig|pw|sid)($|[^a-z])", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortWord();

    [GeneratedRegex(@"^(<[A-Za-z _-]{1,60}>|\[[A-Za-z _-]{1,60}\]|\{\{?[A-Za-z _-]{1,60}\}?\}|(your|insert|enter|replace)[-_ ][A-Za-z_ -]{1,60}|x{3,}|\*{3,}|\.{3}|…)$",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();

    // In random text the kind of character changes all the time; in words and in dates it seldom does.
    [StructLayout(LayoutKind.Auto)]
    private struct Mixture
    {
        private int _length, _digits, _capitals, _changes, _hex;
        private int _last;

        public void Add(char character)
        {
            var kind = char.IsAsciiDigit(character) ? 1 : char.IsAsciiLetterUpper(character) ? 2 : 3;
            _length++;
            _digits += kind == 1 ? 1 : 0;
            _capitals += kind == 2 ? 1 : 0;
            _hex += char.IsAsciiHexDigit(character) ? 1 : 0;
            _changes += _last != 0 && _last != kind ? 1 : 0;
            _last = kind;
        }

        public readonly bool IsRandom(int minLength, bool needsBothCases) =>
            _length >= minLength && _digits < _length
            && ((_digits >= 3 && ((_hex == _length && _length >= 32) || (_changes * 10 >= _length * 3 && (!needsBothCases || HasBothCases))))
                || (_capitals >= 4 && HasBothCases && _changes * 100 >= _length * 45));

        private readonly bool HasBothCases => _capitals > 0 && _capitals + _digits < _length;
    }
}
