namespace Jarvis.Catalog.Library;

/// <summary>
/// The paths that file system events named since the last scan, so that it looks at those alone. Bounded: beyond <see cref="MaxPaths"/> of a source
/// it is walked whole, which is then the cheaper way.
/// </summary>
public sealed class FileChanges
{
    private const int MaxPaths = 20_000;
    private readonly Lock _lock = new();
    private Dictionary<LibrarySource, HashSet<string>?> _paths = [];

    /// <summary>How many paths wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _paths.Values.Sum(paths => paths?.Count ?? MaxPaths);
        }
    }

    /// <summary>Notes a path, relative to the source's folder and with forward slashes.</summary>
    public void Add(LibrarySource source, string path)
    {
        lock (_lock)
        {
            if (!_paths.TryGetValue(source, out var paths))
                _paths[source] = paths = new(StringComparer.Ordinal);
            if (paths is { Count: < MaxPaths })
                paths.Add(path);
            else
                _paths[source] = null;
        }
    }

    /// <summary>Notes that anything below the source may have changed.</summary>
    public void AddAll(LibrarySource source)
    {
        lock (_lock)
            _paths[source] = null;
    }

    /// <summary>What was noted, by source, and forgets it; null stands for everything below the source.</summary>
    public IReadOnlyDictionary<LibrarySource, HashSet<string>?> Take()
    {
        lock (_lock)
        {
            var taken = _paths;
            _paths = [];
            return taken;
        }
    }
}
