using System.Globalization;
using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Net.Http.Headers;

namespace Jarvis.Catalog.Authoring;

/// <summary>
/// <c>If-Match</c> of a write (RFC 9110, 13.1.1): tags as <c>GET agents/{id}</c> gave them, or the <c>version</c> in its body as a tag of its own;
/// weak ones never match.
/// </summary>
/// <param name="Any">It is <c>*</c>: whatever version there is.</param>
/// <param name="Tags">Without quotes.</param>
public sealed record Precondition(bool Any, IReadOnlyList<string> Tags)
{
    /// <summary>Null when the request has none.</summary>
    /// <exception cref="FailureException">400: it cannot be read.</exception>
    public static Precondition? Read(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderNames.IfMatch, out var given))
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList([.. given.OfType<string>()], out var tags) || tags.Count == 0)
            throw Failure.Malformed("If-Match must be * or entity tags in quotes, such as the ETag that GET gave.").AsException();
        return new(tags.Contains(EntityTagHeaderValue.Any), [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString().Trim('"'))]);
    }

    /// <summary>The versions that it allows, given what is shown now; null for any, none when no tag is known.</summary>
    public int[]? Versions(CatalogEntry? shown, int? version) => Any ? null : [.. Tags.SelectMany(tag => VersionsOf(tag, shown, version))];

    public static Failure Failed(string name, int version) => new(ErrorCode.PreconditionFailed,
        $"Agent '{name}' has changed since (it is at version {version} now): read it again and repeat the change with its new ETag.")
    {
        Extensions = new(StringComparer.Ordinal) { ["version"] = version },
    };

    public static Failure Required(string name) => new(ErrorCode.PreconditionRequired,
        $"Say in If-Match which version of agent '{name}' you have seen (the ETag of GET), or * to replace whatever there is.");

    private static IEnumerable<int> VersionsOf(string tag, CatalogEntry? shown, int? version)
    {
        // A representation's tag is the entry's hash and a suffix for its form or its compression.
        if (shown is not null && version is { } seen && tag.Split('-')[0] == shown.Hash)
            yield return seen;
        // Never as long as a hash.
        else if (tag.Length <= 10 && int.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            yield return number;
    }
}
