namespace Jarvis.Catalog.Library;

/// <summary>Turns file system events below the sources into scans of what they name. It only makes changes visible sooner: the periodic scan finds them anyway.</summary>
public sealed partial class LibraryWatcher(ScanSignal signal, FileChanges changes, LibraryPaths paths, ILogger<LibraryWatcher> logger) : IDisposable
{
    private const int BufferBytes = 65_536;
    private readonly Dictionary<LibrarySource, FileSystemWatcher> _watchers = [];
    private readonly HashSet<LibrarySource> _refused = [];
    private volatile bool _lost;

    public bool IsWatching(LibrarySource source) => _watchers.ContainsKey(source);

    /// <summary>Starts to watch what can be watched and is not yet, and stops where the folder went. Called by the scanning thread before each scan.</summary>
    public void Refresh(IEnumerable<LibrarySource> sources)
    {
        var all = _lost;
        _lost = false;
        foreach (var source in sources)
        {
            var exists = Directory.Exists(source.Folder);
            if (_watchers.TryGetValue(source, out var watcher) && (!exists || all))
            {
                watcher.Dispose();
                _watchers.Remove(source);
            }

            // What changed before the watcher was there is in no event.
            if (exists && !_watchers.ContainsKey(source) && !_refused.Contains(source) && Start(source))
                changes.AddAll(source);
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
            watcher.Dispose();
        _watchers.Clear();
    }

    private bool Start(LibrarySource source)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new(source.Folder) { IncludeSubdirectories = true, InternalBufferSize = BufferBytes };
            watcher.NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size;
            watcher.Changed += (_, change) => Note(source, change.FullPath);
            watcher.Created += (_, change) => Note(source, change.FullPath);
            watcher.Deleted += (_, change) => Note(source, change.FullPath);
            watcher.Renamed += (_, change) =>
            {
                Note(source, change.OldFullPath);
                Note(source, change.FullPath);
            };
            watcher.Error += (_, error) => Lost(source, error.GetException());
            watcher.EnableRaisingEvents = true;
            _watchers[source] = watcher;
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            // No inotify instances left, or a file system without events: the periodic scan does it alone.
            watcher?.Dispose();
            _refused.Add(source);
            LogRefused(source.Name, exception.Message);
            return false;
        }
    }

    private void Note(LibrarySource source, string fullPath)
    {
        var path = Path.GetRelativePath(source.Folder, fullPath).Replace('\\', '/');
        // A commit changes hundreds of files below .git that nobody asks for.
        if (path is "." || path.StartsWith("../", StringComparison.Ordinal) || paths.IsIgnored(path))
            return;
        changes.Add(source, path);
        signal.Changed();
    }

    private void Lost(LibrarySource source, Exception exception)
    {
        _lost = true;
        LogLost(source.Name, exception.Message);
        changes.AddAll(source);
        signal.Changed();
    }

    [LoggerMessage(EventId = 110, Level = LogLevel.Warning, Message = "Source {Source} cannot be watched ({Reason}); changes are seen at the periodic scan")]
    private partial void LogRefused(string source, string reason);

    [LoggerMessage(EventId = 111, Level = LogLevel.Information, Message = "Events of source {Source} were lost ({Reason}); it is scanned and watched anew")]
    private partial void LogLost(string source, string reason);
}
