using System.Text.RegularExpressions;

namespace Jarvis.Workflows.N8n;

/// <summary>
/// Takes secrets out of texts that workflows write and Jarvis passes on in errors and logs: what goes by a telling name, and what looks like a credential by itself.
/// </summary>
internal static partial class SecretText
{
    public const string Masked = "***";

    public static string Mask(string text)
    {
        text = InAddress().Replace(text, $"://{Masked}@");
        text = Scheme().Replace(text, $"${{kept}} {Masked}");
        text = Password().Replace(text, $"${{kept}}{Masked}");
        text = Credential().Replace(text, $"${{kept}}{Masked}");
        return Known().Replace(text, Masked);
    }

    /// <summary>Whether a member of this name holds a secret.</summary>
    public static bool IsTelling(string name) => Name().IsMatch(name);

    [GeneratedRegex(@"://[^\s/@""']+@", RegexOptions.NonBacktracking)]
    private static partial Regex InAddress();

    [GeneratedRegex(@"\b(?<kept>Bearer|Basic|Digest|Token)\s+[A-Za-z0-9._~+/=:-]{8,}", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    // Whatever stands behind such a name.
    [GeneratedRegex(@"(?<kept>(?:password|passwd|passphrase|pwd|secret)[A-Za-z0-9_-]*[""']?\s*[:=]\s*[""']?)[^\s""',;&}\]]+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Password();

    // "token: expired" is a reason; a credential is longer.
    [GeneratedRegex(@"(?<kept>(?:token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|session|signature|ticket)[A-Za-z0-9_-]*[""']?\s*[:=]\s*[""']?)[^\s""',;&}\]]{12,}", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Credential();

    [GeneratedRegex(@"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?|\b(?:sk|pk|rk|ghp|gho|ghu|ghs|ghr|github_pat|glpat|xox[abeprs]|jrv|jrt|hf|shpat|npm)[-_][A-Za-z0-9_-]{16,}|\bAKIA[0-9A-Z]{16}|\bAIza[A-Za-z0-9_-]{30,}", RegexOptions.NonBacktracking)]
    private static partial Regex Known();

    [GeneratedRegex(@"password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|signature", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
