namespace Jarvis.Gateway.HotCache;

/// <summary>Requests with one key have one answer.</summary>
internal static class HotKey
{
    private const int MaxLength = 1_024;

    /// <summary>Path, query in the order of its names, and <c>Accept</c> where it may matter.</summary>
    /// <returns>Null when the answer to this request is not to be kept.</returns>
    public static string? Of(HttpRequest request)
    {
        // Escaped again: a question mark or a line end within the path must not look like the key's own.
        var (path, query) = (request.Path.ToUriComponent(), request.QueryString.Value);
        // Only Markdown is ever chosen by Accept. The whole header, since its weights count too.
        var accept = request.Headers.Accept.ToString() is { } given && given.Contains("text/markdown", StringComparison.OrdinalIgnoreCase) ? given : null;
        if (path.Length + (query?.Length ?? 0) + (accept?.Length ?? 0) > MaxLength)
            return null;
        if (string.IsNullOrEmpty(query) || query == "?")
            return accept is null ? path : $"{path}\n{accept}";
        return accept is null ? path + Canonical(query) : $"{path}{Canonical(query)}\n{accept}";
    }

    /// <summary>
    /// Orders the parameters by name; those of one name, whatever its case, keep their order. A query with an escaped name is left alone: it may be the same name as
    /// another. Every name stays in the key as it was written, so that one which the service refuses, such as <c>Limit</c>, never finds the answer to another.
    /// </summary>
    internal static string Canonical(string query)
    {
        if (!query.Contains('&', StringComparison.Ordinal))
            return query;
        var parameters = query[1..].Split('&', StringSplitOptions.RemoveEmptyEntries);
        var names = Array.ConvertAll(parameters, Name);
        if (Array.Exists(names, name => name.AsSpan().ContainsAny('%', '+')))
            return query;
        return $"?{string.Join('&', parameters.Zip(names).OrderBy(pair => pair.Second, StringComparer.OrdinalIgnoreCase).Select(pair => pair.First))}";
    }

    private static string Name(string parameter) => parameter.IndexOf('=', StringComparison.Ordinal) is >= 0 and var end ? parameter[..end] : parameter;
}
