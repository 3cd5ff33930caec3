using System.Collections.Frozen;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>
/// Words of the contract that stand where a route has a parameter, and whose own routes are not there yet: until they are, such a path is no route, rather than a thing
/// of that id. Who adds one of the routes deletes its word here.
/// </summary>
public static class ReservedSegments
{
    /// <summary>The words in place of a route's last parameter.</summary>
    public static readonly FrozenDictionary<string, string[]> ByRoute = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["/api/v2/tasks/{id}"] = ["dead", "history"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether a path is, or begins with, one of the reserved ones.</summary>
    public static bool Matches(ReadOnlySpan<char> path)
    {
        foreach (var (route, words) in ByRoute)
        {
            var prefix = route.AsSpan(0, route.LastIndexOf('{'));
            if (!path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            var rest = path[prefix.Length..];
            var word = rest.IndexOf('/') is >= 0 and var end ? rest[..end] : rest;
            foreach (var reserved in words)
            {
                if (word.Equals(reserved, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }
        return false;
    }
}
