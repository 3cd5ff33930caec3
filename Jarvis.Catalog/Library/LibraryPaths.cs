using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Library;

/// <summary>Which paths below a root are looked at, by <see cref="LibraryOptions.Ignore"/>; upper and lower case are the same.</summary>
public sealed class LibraryPaths(IOptions<LibraryOptions> options)
{
    private readonly HashSet<string> _ignored = new(options.Value.Ignore, StringComparer.OrdinalIgnoreCase);

    public bool IsIgnoredName(string folder) => _ignored.Contains(folder);

    /// <summary>Whether the path, relative and with forward slashes, is or lies in an ignored folder.</summary>
    public bool IsIgnored(string path)
    {
        var names = _ignored.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var part in path.AsSpan().Split('/'))
        {
            if (names.Contains(path.AsSpan(part)))
                return true;
        }

        return false;
    }
}
