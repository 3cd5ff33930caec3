using System.Collections.Concurrent;

namespace Jarvis.Catalog.Library;

/// <summary>Turns file system events below the sources into scans of what they name. It only makes changes visible sooner: the periodic scan finds them anyway.</summary>
/// <param name="bornAt">When a folder was made; tests have other folders than a disk does.</param>
public sealed partial class LibraryWatcher(
    ScanSignal signal, FileChanges changes, LibraryPaths paths, TimeProvider time, ILogger<LibraryWatcher> logger, Func<string, DateTime>? bornAt = null) : IDisposable
{
    private const int BufferBytes = 65_536;

    // Watches come free when other programs end; asking at every scan would only fill the log.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(5);

    private readonly Func<string, DateTime> _bornAt = bornAt ?? Directory.GetCreationTimeUtc;
    private readonly Dictionary<LibrarySource, Watch> _watches = [];
    private readonly Dictionary<LibrarySource, long> _refused = [];
    private readonly ConcurrentQueue<(LibrarySource Source, Exception Error)> _errors = [];

    private sealed record Watch(FileSystemWatcher Watcher, DateTime RootBornAt);

    public bool IsWatching(LibrarySource source) => _watches.ContainsKey(source);

    /// <summary>Starts to watch what can be watched and is not yet, and stops where the folder went. Called by the scanning thread before each scan.</summary>
    public void Refresh(IEnumerable<LibrarySource> sources)
    {
        while (_errors.TryDequeue(out var failed))
            End(failed.Source, failed.Error);
        foreach (var source in sources)
        {
            var exists = Directory.Exists(source.Folder);
            var watched = _watches.TryGetValue(source, out var watch);
            // Another folder of the same name, as a deployment puts it there: the watch is still on the old one.
            if (watched && (!exists || BornAt(source) is not { } born || born != watch!.RootBornAt))
                Stop(source, watch!);
            // What changed before the watcher was there is in no event.
            if (exists && !_watches.ContainsKey(source) && MayTry(source) && Start(source))
                changes.AddAll(source);
        }
    }

    public void Dispose()
    {
        foreach (var watch in _watches.Values)
            watch.Watcher.Dispose();
        _watches.Clear();
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
            watcher.Error += (_, error) => Failed(source, error.GetException());
            watcher.EnableRaisingEvents = true;
            _watches[source] = new(watcher, _bornAt(source.Folder));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            // No inotify instances left, or a file system without events: the periodic scan does it alone.
            watcher?.Dispose();
            Refuse(source, exception);
            return false;
        }
    }

    // Null when the folder cannot be asked, such as one whose server went between the two questions.
    private DateTime? BornAt(LibrarySource source)
    {
        try
        {
            return _bornAt(source.Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
            Refuse(source, exception);
            return null;
        }
    }

    // Called by the watcher's own threads, where an exception would end the process.
    private void Note(LibrarySource source, string fullPath)
    {
        var path = Path.GetRelativePath(source.Folder, fullPath).Replace('\\', '/');
        // A commit changes hundreds of files below .git that nobody asks for.
        if (path is "." || path.StartsWith("../", StringComparison.Ordinal) || paths.IsIgnored(path))
            return;
        changes.Add(source, path);
        Signal();
    }

    private void Signal()
    {
        try
        {
            signal.Changed();
        }
        catch (ObjectDisposedException)
        {
            // An event that comes while the process ends.
        }
    }

    // From the watcher's own thread: the scanning thread sees to it.
    private void Failed(LibrarySource source, Exception error)
    {
        _errors.Enqueue((source, error));
        changes.AddAll(source);
        Signal();
    }

    private void End(LibrarySource source, Exception error)
    {
        if (!_watches.TryGetValue(source, out var watch))
            return;
        Stop(source, watch);
        // Too many events at once can be watched anew; too many folders for the system's limit cannot.
        if (error is InternalBufferOverflowException)
            LogLost(source.Name, error.Message);
        else
            Refuse(source, error);
    }

    private void Stop(LibrarySource source, Watch watch)
    {
        watch.Watcher.Dispose();
        _watches.Remove(source);
    }

    private void Refuse(LibrarySource source, Exception error)
    {
        if (!_refused.ContainsKey(source))
            LogRefused(source.Name, error.Message);
        _refused[source] = time.GetTimestamp();
    }

    private bool MayTry(LibrarySource source) => !_refused.TryGetValue(source, out var at) || time.GetElapsedTime(at) > RetryAfter;

    [LoggerMessage(EventId = 110, Level = LogLevel.Warning, Message = "Source {Source} cannot be watched ({Reason}); changes are seen at the periodic scan")]
    private partial void LogRefused(string source, string reason);

    [LoggerMessage(EventId = 111, Level = LogLevel.Information, Message = "Events of source {Source} were lost ({Reason}); it is scanned and watched anew")]
    private partial void LogLost(string source, string reason);
}
