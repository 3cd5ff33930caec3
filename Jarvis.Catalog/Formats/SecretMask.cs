using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// Hides literal values that may be secret; references such as <c>${TOKEN}</c> and <c>${input:token}</c> stay. Of environments and headers every
/// literal counts, since nobody can tell a password from a name, except plain words and small numbers under a name that does not speak of secrets;
/// of arguments and addresses those count that look like a secret.
/// </summary>
public sealed partial class SecretMask
{
    public const string Shown = "•••";

    private static readonly HashSet<string> Schemes = new(["", "Bearer", "Basic", "Token", "ApiKey", "true", "false", "application/json"], StringComparer.OrdinalIgnoreCase);

    /// <summary>How many values were hidden.</summary>
    public int Count { get; private set; }

    /// <summary>A value of an environment or of headers.</summary>
    public string Value(string key, string value)
    {
        var masked = new StringBuilder();
        var position = 0;
        foreach (Match reference in Reference().Matches(value))
        {
            Literal(value[position..reference.Index]);
            // The default of ${NAME:-default} is a literal too.
            var at = reference.Value.IndexOf(":-", StringComparison.Ordinal);
            var isSecret = at > 0 && at + 3 < reference.Length && SecretName().IsMatch(key + reference.Value[..at]);
            masked.Append(isSecret ? $"{reference.Value[..at]}:-{Hide()}}}" : reference.Value);
            position = reference.Index + reference.Length;
        }

        Literal(value[position..]);
        return masked.ToString();

        void Literal(string text) => masked.Append(Schemes.Contains(text.Trim()) || (!SecretName().IsMatch(key) && PlainWord().IsMatch(text)) ? text
            : text.StartsWith("http", StringComparison.Ordinal) && text.Contains("://", StringComparison.Ordinal) ? Url(text) : Hide());
    }

    /// <summary>Arguments: a value after or within an option with a telling name, and what looks like a key of a known service.</summary>
    public IReadOnlyList<string> Arguments(IReadOnlyList<string> arguments)
    {
        var masked = new List<string>(arguments.Count);
        var follows = false;
        foreach (var argument in arguments)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var colon = argument.IndexOf(": ", StringComparison.Ordinal);
            if (argument.Contains("://", StringComparison.Ordinal))
                masked.Add(Url(argument));
            else if (follows && !argument.StartsWith('-'))
                masked.Add(Value("secret", argument));
            else if (equals > 0 && SecretName().IsMatch(argument[..equals]))
                masked.Add($"{argument[..(equals + 1)]}{Value(argument[..equals], argument[(equals + 1)..])}");
            else if (colon > 0 && SecretName().IsMatch(argument[..colon]))
                masked.Add($"{argument[..(colon + 2)]}{Value(argument[..colon], argument[(colon + 2)..])}");
            else
                masked.Add(KnownKey().IsMatch(argument) ? Hide() : argument);
            follows = equals < 0 && argument.StartsWith('-') && SecretName().IsMatch(argument);
        }

        return masked;
    }

    /// <summary>An address: its user and password, query values with a telling name, and parts that look like a key.</summary>
    public string Url(string url)
    {
        url = UserInfo().Replace(url, match => match.Groups["user"].Value.Contains("${", StringComparison.Ordinal) ? match.Value : $"://{Hide()}@");
        url = QueryValue().Replace(url, match => SecretName().IsMatch(match.Groups["name"].Value)
            ? $"{match.Groups["name"].Value}={Value(match.Groups["name"].Value, match.Groups["value"].Value)}" : match.Value);
        return KnownKey().Replace(url, _ => Hide());
    }

    private string Hide()
    {
        Count++;
        return Shown;
    }

    [GeneratedRegex(@"\$\{[^{}]*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();

    [GeneratedRegex(@"key|token|secret|pass|pwd|auth|credential|session|cookie|signature|\bpat\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"^([a-z]{1,16}|[0-9]{1,5})$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainWord();

    [GeneratedRegex(@"\b(sk|pk|rk|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|hf|npm|AKIA|AIza|eyJ)[-_A-Za-z0-9]{12,}[-_.A-Za-z0-9]*", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex KnownKey();

    [GeneratedRegex(@"://(?<user>[^/@\s]+)@", RegexOptions.NonBacktracking)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<name>[A-Za-z0-9_.-]+)=(?<value>[^&\s#]+)", RegexOptions.NonBacktracking)]
    private static partial Regex QueryValue();
}
