using System.Text;

namespace Jarvis.ServiceDefaults.Redaction;

/// <summary>Queries and addresses as they may be recorded: <c>name=REDACTED</c> for every parameter that is not in <see cref="QueryParameters"/>.</summary>
public static class QueryRedaction
{
    public const string Redacted = "REDACTED";

    private const int MaxNameLength = 64;
    private const int MaxValueLength = 512;

    /// <summary>A query, with its question mark or without.</summary>
    /// <returns>The very same text when it has nothing to hide.</returns>
    public static string Query(string query)
    {
        var from = query.StartsWith('?') ? 1 : 0;
        if (query.Length == from)
            return query;
        var clean = new StringBuilder(query.Length).Append(query, 0, from);
        foreach (var range in query.AsSpan(from).Split('&'))
        {
            if (range.Start.Value > 0)
                clean.Append('&');
            AppendParameter(clean, query.AsSpan(from)[range]);
        }
        return clean.Equals(query.AsSpan()) ? query : clean.ToString();
    }

    /// <summary>An address, whole or without its scheme and host: also its user and password, its fragment, and what looks like a secret in its path.</summary>
    public static string Url(string url)
    {
        var end = url.AsSpan().IndexOfAny('?', '#');
        if (end < 0)
            return SecretForms.Redact(url);
        var path = SecretForms.Redact(url[..end]);
        var fragment = url.IndexOf('#', end);
        var query = url[end] == '?' ? Query(fragment < 0 ? url[end..] : url[end..fragment]) : "";
        return string.Concat(path, query, fragment < 0 ? "" : Fragment(url[fragment..]));
    }

    // A fragment is not sent to servers, but a browser's spans may have it; without pairs it is a place in a page.
    private static string Fragment(string fragment) =>
        fragment.Contains('=', StringComparison.Ordinal) ? $"#{Query(fragment[1..])}" : SecretForms.Redact(fragment);

    private static void AppendParameter(StringBuilder clean, ReadOnlySpan<char> parameter)
    {
        var equals = parameter.IndexOf('=');
        var name = Decoded(equals < 0 ? parameter : parameter[..equals]);
        if (equals < 0)
        {
            // The HTTP client's own mark for a query that it left out.
            clean.Append(parameter.Length == 0 || parameter is "*" || QueryParameters.IsRecorded(name) ? parameter : Redacted);
            return;
        }
        var value = parameter[(equals + 1)..];
        clean.Append(IsName(name) ? parameter[..equals] : Redacted).Append('=');
        clean.Append(value.Length == 0 || (QueryParameters.IsRecorded(name) && IsHarmless(value)) ? value : Redacted);
    }

    /// <summary>Whether it can be a parameter's name: a secret that stands before a <c>=</c> by mistake is none.</summary>
    private static bool IsName(string name)
    {
        if (name.Length is 0 or > MaxNameLength)
            return false;
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.' or '[' or ']' or '$'))
                return false;
        }
        return ReferenceEquals(SecretForms.Redact(name), name);
    }

    private static bool IsHarmless(ReadOnlySpan<char> value)
    {
        if (value.Length > MaxValueLength)
            return false;
        var text = Decoded(value);
        return ReferenceEquals(TextRedaction.Redact(text), text);
    }

    private static string Decoded(ReadOnlySpan<char> text) => Uri.UnescapeDataString(text.ToString().Replace('+', ' '));
}
