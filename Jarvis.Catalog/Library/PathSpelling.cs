namespace Jarvis.Catalog.Library;

/// <summary>
/// The one spelling of a path that its folders list. Where upper and lower case are the same to the file system, events and programs name a file by any; a file
/// is one entry all the same.
/// </summary>
/// <param name="exists">Whether a file or folder is found under a full path.</param>
/// <param name="names">The names that a folder lists.</param>
public sealed class PathSpelling(Func<string, bool> exists, Func<string, IEnumerable<string>> names)
{
    // By folder, for one refresh: a burst of changes in one folder lists it once.
    private readonly Dictionary<string, (HashSet<string> Exact, Dictionary<string, string> AnyCase)> _listed = new(StringComparer.Ordinal);

    /// <summary>Of the disk.</summary>
    public static PathSpelling OfDisk() => new(Path.Exists, folder => new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry => entry.Name));

    /// <summary>The path as it is listed, relative and with forward slashes; as it is given where nothing is listed under it.</summary>
    public string Of(string root, string path)
    {
        var (folder, spelt) = (root, new List<string>());
        var parts = path.Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var full = Path.Combine(folder, parts[i]);
            // Only where another spelling is found too is there a question: few names ask for a listing.
            var name = exists(full) && Other(parts[i]) is { } other && exists(Path.Combine(folder, other)) ? Listed(folder, parts[i]) : parts[i];
            spelt.Add(name);
            folder = Path.Combine(folder, name);
        }

        return string.Join('/', spelt);
    }

    // Two files whose names differ in case only are both listed, and each is its own.
    private string Listed(string folder, string name)
    {
        if (!_listed.TryGetValue(folder, out var listed))
            _listed[folder] = listed = List(folder);
        return listed.Exact.Contains(name) ? name : listed.AnyCase.GetValueOrDefault(name, name);
    }

    private (HashSet<string> Exact, Dictionary<string, string> AnyCase) List(string folder)
    {
        var (exact, anyCase) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));
        try
        {
            foreach (var name in names(folder))
            {
                exact.Add(name);
                anyCase.TryAdd(name, name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            // It went meanwhile; the next whole walk says what there is.
        }

        return (exact, anyCase);
    }

    private static string? Other(string name)
    {
        var other = string.Create(name.Length, name, (into, from) =>
        {
            for (var i = 0; i < into.Length; i++)
                into[i] = char.IsUpper(from[i]) ? char.ToLowerInvariant(from[i]) : char.ToUpperInvariant(from[i]);
        });
        return other == name ? null : other;
    }
}
