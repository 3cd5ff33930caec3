using System.Buffers;
using System.Text.RegularExpressions;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>Text that was written for people, such as a log message or an exception: queries in it, values behind a name that speaks of a secret, and what looks like one.</summary>
public static partial class TextRedaction
{
    private static readonly SearchValues<string> Names = SearchValues.Create(
        ["passw", "passphrase", "pwd", "secret", "token", "ticket", "api_key", "api-key", "apikey", "access_key", "access-key", "private_key", "authorization", "cookie", "credential"],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>False when the text has no secret: a quick look before a slow one.</summary>
    public static bool MayHide(ReadOnlySpan<char> text) => text.ContainsAny('?', '#') || text.ContainsAny(Names) || SecretForms.MayHide(text);

    /// <summary>The text without its secrets; the very same text when it has none.</summary>
    public static string Redact(string text)
    {
        if (text.AsSpan().ContainsAny('?', '#'))
            text = WithoutQueries(text);
        if (text.AsSpan().ContainsAny(Names))
        {
            text = SecretForms.Replace(Header(), text, $"${{head}}{QueryRedaction.Redacted}");
            text = SecretForms.Replace(Member(), text, $"${{head}}{QueryRedaction.Redacted}");
            text = SecretForms.Replace(Assignment(), text, $"${{head}}{QueryRedaction.Redacted}");
        }
        return SecretForms.Redact(text);
    }

    private static string WithoutQueries(string text)
    {
        // A whole address may have a secret for its query; in other text that may be a question.
        var clean = Address().Replace(text, address => QueryRedaction.Url(address.Value));
        clean = Pairs().Replace(clean, pairs => $"{pairs.ValueSpan[..1]}{QueryRedaction.Query(pairs.Value[1..])}");
        return clean == text ? text : clean;
    }

    /// <summary>A statement of a database, where <c>token = $1</c> is no secret and <c>password = 'x'</c> is one.</summary>
    public static string Statement(string sql) =>
        SecretForms.Redact(sql.Contains('\'', StringComparison.Ordinal) && sql.AsSpan().ContainsAny(Names) ? SecretForms.Replace(Literal(), sql, $"${{head}}'{QueryRedaction.Redacted}'") : sql);

    [GeneratedRegex("[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\\s\"'<>`|\\\\?#]+[?#][^\\s\"'<>`|\\\\]+", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex("[?#][^\\s\"'<>`|\\\\=?#&]{1,200}=[^\\s\"'<>`|\\\\]*", RegexOptions.NonBacktracking)]
    private static partial Regex Pairs();

    [GeneratedRegex(@"\b(?<head>((proxy-)?authorization|(set-)?cookie|x-[a-z-]*(key|token|secret))\s*:\s*)[^\r\n]+", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Header();

    [GeneratedRegex("""(?<head>\\?["'][a-z0-9_.-]*(passw(or)?d|passphrase|pwd|secret|token|ticket|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|credentials?)\\?["']\s*:\s*\\?["'])[^"'\\]+""",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Member();

    [GeneratedRegex("""\b(?<head>[a-z0-9_.-]*(passw(or)?d|passphrase|pwd|secret|token|ticket|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|credentials?)\s*=\s*["']?)[^\s"'&;,<>$@?]+""",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\b(?<head>[a-z0-9_.]*(passw(or)?d|passphrase|pwd|secret|token|ticket|api_?key|credentials?)[a-z0-9_]*\W{1,8})'[^']*'",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Literal();
}
