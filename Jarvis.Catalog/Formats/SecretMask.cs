using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// Hides literal values that may be secret; references such as <c>${TOKEN}</c> and <c>${input:token}</c> stay. Of environments and headers every
/// literal counts, since nobody can tell a password from a name, except plain words and small numbers under a name that does not speak of secrets;
/// of arguments, addresses and prose those count that look like a secret or stand where one is expected. One mask is for one server.
/// </summary>
public sealed partial class SecretMask
{
    public const string Shown = "•••";

    private const int MaxLength = 4_000;

    private static readonly HashSet<string> Schemes = new(
        ["", "Bearer", "Basic", "Token", "ApiKey", "Digest", "true", "false", "none", "application/json", "application/json, text/event-stream", "text/event-stream", "*/*",
            "INFO", "DEBUG", "WARN", "ERROR", "utf-8"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> Resolvers = new(
        ["env", "input", "command", "config", "secret", "secrets", "vault", "keychain", "userHome", "workspaceFolder", "workspace", "file"], StringComparer.OrdinalIgnoreCase);

    /// <summary>How many values were hidden.</summary>
    public int Count { get; private set; }

    /// <summary>A value of an environment or of headers.</summary>
    public string Value(string key, string value)
    {
        var speaks = SecretWords.Speak(key);
        return Cut(Pieces(value, key, text => Literal(text, speaks)));
    }

    /// <summary>A value that is secret whatever it looks like, as a registry's <c>isSecret</c> says; references and <c>{placeholders}</c> stay.</summary>
    public string Secret(string value)
    {
        if (value.Contains("${", StringComparison.Ordinal))
            return Value("secret", value);
        return Schemes.Contains(Template().Replace(value, "").Trim()) ? value : Hide();
    }

    /// <summary>A name of a variable or a header: only what no name can be is hidden.</summary>
    public string Name(string name) => Keys(name);

    /// <summary>Arguments of a command, one for one.</summary>
    public IReadOnlyList<string> Arguments(IReadOnlyList<string> arguments) => ArgumentMask.Of(arguments, this);

    /// <summary>Free text: addresses, keys of known services, what follows <c>Bearer</c> or a speaking name.</summary>
    /// <param name="text">An argument, a shell line or prose.</param>
    /// <param name="prose">A plain word behind a colon is no secret there: "API key: required".</param>
    public string Text(string text, bool prose = false) => Cut(Whole(text, prose));

    /// <summary>The same, however long it is.</summary>
    public string Whole(string text, bool prose)
    {
        text = Address().Replace(text, match => Url(match.Value));
        text = Scheme().Replace(text, match => PlainWord().IsMatch(match.Groups["value"].Value)
            ? match.Value : $"{match.Groups["scheme"].Value} {Value("secret", match.Groups["value"].Value)}");
        text = Assignment().Replace(text, match => Assigned(match, prose));
        if (!prose)
        {
            text = Option().Replace(text, match => Assigned(match, prose));
            text = UserOption().Replace(text, match => match.Groups["value"].Value.All(char.IsAsciiDigit) ? match.Value : match.Groups["head"].Value + Value("secret", match.Groups["value"].Value));
        }

        text = UserAtHost().Replace(text, match => IsHarmlessUser(match.Groups["user"].Value, isWeb: false) ? match.Value : $"{Hide()}@{match.Groups["host"].Value}");
        return Keys(text);
    }

    /// <summary>An address: its user and password, query values with a speaking name, and parts that look like a key.</summary>
    public string Url(string url)
    {
        var scheme = url.AsSpan(0, Math.Max(0, url.IndexOf("://", StringComparison.Ordinal)));
        var isWeb = scheme.EndsWith("http", StringComparison.OrdinalIgnoreCase) || scheme.EndsWith("https", StringComparison.OrdinalIgnoreCase)
            || scheme.StartsWith("ws", StringComparison.OrdinalIgnoreCase);
        var known = UserInfo().IsMatch(url);
        url = UserInfo().Replace(url, match => IsHarmlessUser(match.Groups["user"].Value, isWeb) ? match.Value : $"://{Hide()}@");
        // A slash, a # or a ? in a password breaks the address apart: then everything up to the last @ may be of it.
        if (!known && (!isWeb || !HostAndPort().IsMatch(url)))
            url = TailAt().Replace(url, _ => $"://{Hide()}@");
        url = QueryValue().Replace(url, match => SecretWords.Speak(match.Groups["name"].Value)
            ? $"{match.Groups["name"].Value}={Value("secret", match.Groups["value"].Value)}" : match.Value);
        url = SecretSegment().Replace(url, match => $"{match.Groups["head"].Value}{Value("secret", match.Groups["value"].Value)}");
        return Keys(url);
    }

    internal string Hide()
    {
        Count++;
        return Shown;
    }

    private string Literal(string text, bool speaks)
    {
        if (IsBare(text) || SecretWords.IsPlaceholder(text) || ShellReference().IsMatch(text))
            return text;
        if (!speaks && PlainWord().IsMatch(text))
            return text;
        if (!speaks && Address().Match(text) is { Success: true, Index: 0 } address && address.Length == text.Length)
            return Url(text);
        return SchemeAlone().Match(text) is { Success: true } scheme ? $"{scheme.Value}{Hide()}" : Hide();
    }

    // References stay, literals between them go through the rule; the default of ${NAME:-default} is a literal too.
    private string Pieces(string value, string key, Func<string, string> literal)
    {
        if (!value.Contains("${", StringComparison.Ordinal))
            return literal(value);
        var masked = new StringBuilder();
        var position = 0;
        foreach (Match reference in Reference().Matches(value))
        {
            masked.Append(literal(value[position..reference.Index])).Append(OfReference(reference, key));
            position = reference.Index + reference.Length;
        }

        return masked.Append(literal(value[position..])).ToString();
    }

    private string OfReference(Match reference, string key)
    {
        var (name, rest) = (reference.Groups["name"].Value, reference.Groups["rest"].Value);
        if (SecretWords.MayHaveKnownKey(reference.Value) && SecretWords.KnownKey().IsMatch(reference.Value))
            return Hide();
        if (rest.Length == 0 || (Resolvers.Contains(name) && rest is [':', not ('-' or '=' or '+' or '?'), ..]))
            return reference.Value;
        var at = rest.IndexOfAny(['-', '=', '+', '?']) is var sign and (0 or 1) ? sign + 1 : 0;
        if (rest.Length == at)
            return reference.Value;
        var speaks = SecretWords.Speak(key) || SecretWords.Speak(name);
        // Behind ? stands what is said when there is no value; behind the other signs stands a value.
        return $"${{{name}{rest[..at]}{(speaks || (at > 0 && rest[at - 1] != '?') ? Literal(rest[at..], speaks) : Text(rest[at..]))}}}";
    }

    private string Assigned(Match match, bool prose)
    {
        var (name, value) = (match.Groups["name"].Value, match.Groups["value"].Value);
        var bare = value.Trim('"', '\'', '\\');
        if (bare.Length == 0 || !SecretWords.Speak(name) || IsBare(bare) || (prose && PlainWord().IsMatch(bare.TrimEnd('.', ',', ';', ':', '!', '?', ')'))))
            return match.Value;
        var masked = Value(name, bare);
        return masked == bare ? match.Value : match.Groups["head"].Value + value.Replace(bare, masked, StringComparison.Ordinal);
    }

    private string Keys(string text)
    {
        if (SecretWords.MayHaveKnownKey(text))
            text = SecretWords.KnownKey().Replace(text, _ => Hide());
        return text.Length < 20 ? text : Run().Replace(text, match => match.Groups["run"].Success && SecretWords.IsRandom(match.Value) ? Hide() : match.Value);
    }

    // Nothing but a scheme, or hidden already.
    private static bool IsBare(string text) => Schemes.Contains(text.Replace(Shown, "", StringComparison.Ordinal).Trim([' ', '\t', '.', ',', ';', ':', ')', '(']));

    // postgres://app:${PASSWORD}@host and ssh://git@host; but of https://word@host the word is a token.
    private static bool IsHarmlessUser(string user, bool isWeb) =>
        !user.Contains(":-", StringComparison.Ordinal) && (!isWeb || user.Contains("${", StringComparison.Ordinal)) && PlainUser().IsMatch(Reference().Replace(user, ""));

    // Only now: a secret that is cut in two is not known for one any more.
    private static string Cut(string text) => text.Length <= MaxLength ? text : $"{text[..MaxLength]}…";

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)?(?<rest>[^{}]*)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    // As a shell has it; a password may begin with the sign, but then has small letters too.
    [GeneratedRegex(@"^\$[A-Z_][A-Z0-9_]*$", RegexOptions.NonBacktracking)]
    private static partial Regex ShellReference();

    [GeneratedRegex(@"\{\{?[A-Za-z0-9_ .-]{1,60}\}?\}", RegexOptions.NonBacktracking)]
    private static partial Regex Template();

    [GeneratedRegex(@"^([a-z]{1,16}|[0-9]{1,5}|(localhost|127\.0\.0\.1|0\.0\.0\.0)(:[0-9]{1,5})?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"^[a-z_]{0,20}:?$", RegexOptions.NonBacktracking)]
    private static partial Regex PlainUser();

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9+.-]*://[^\s""'<>`]+", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"\b(?<scheme>Bearer|Basic|Token|ApiKey|Digest)\s+(?<value>[^\s""'`,;]+)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^\s*(Bearer|Basic|Token|ApiKey|Digest)\s+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SchemeAlone();

    [GeneratedRegex(@"(?<head>(?<name>[A-Za-z_][A-Za-z0-9_.-]{0,60})\\?[""']?\s*[=:]\s*)(?<value>\\?""[^""]*""|'[^']*'|((Bearer|Basic|Token|ApiKey|Digest)\s+)?[^\s""';&|]+)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<head>(?<name>--?[A-Za-z][A-Za-z0-9_-]{0,60})\s+)(?<value>""[^""]*""|'[^']*'|[^\s""';&|-][^\s""';&|]*)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Option();

    [GeneratedRegex(@"(?<head>(^|\s)(-u|--user|--proxy-user)[ =]?[""']?[^\s:""'/]+:)(?<value>[^\s""']+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex UserOption();

    [GeneratedRegex(@"(?<user>[A-Za-z0-9_.-]+:[^\s/@""'•]+)@(?<host>(tcp|unix)?\(|localhost|[A-Za-z][A-Za-z0-9.-]*\.[A-Za-z]{2}|[A-Za-z][A-Za-z0-9-]*:[0-9])", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex UserAtHost();

    [GeneratedRegex(@"://(?<user>[^/\s?#]+)@", RegexOptions.NonBacktracking)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"://(\[[^\]/]*\]|[^/\s?#:]*)(:([0-9]{1,5}|\$\{[^}]*\}|\{[^}]*\}))?([/?#]|$)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex HostAndPort();

    [GeneratedRegex(@"://.*@", RegexOptions.NonBacktracking)]
    private static partial Regex TailAt();

    [GeneratedRegex(@"(?<name>[A-Za-z0-9_.\[\]%-]+)=(?<value>[^&\s#;]+)", RegexOptions.NonBacktracking)]
    private static partial Regex QueryValue();

    [GeneratedRegex(@"(?<head>/(token|key|apikey|api-key|api_key|secret|password|pat)/)(?<value>[^/?#\s]+)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretSegment();

    // A digest or a commit behind sha256:, @ or # is no secret.
    [GeneratedRegex(@"sha256:[0-9a-f]{64}|[@#][0-9a-f]{40}\b|(?<run>[A-Za-z0-9+/_=.~-]{20,})", RegexOptions.NonBacktracking)]
    private static partial Regex Run();
}
