using System.Globalization;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Processes;

namespace Jarvis.AppHost.Data;

/// <summary>
/// The folder in which everything is kept, held by one AppHost at a time. A temporary one goes with the AppHost, and those that a
/// killed AppHost left behind go when the next temporary one is made.
/// </summary>
sealed class DataDirectory(AppHostOptions options, TimeProvider time) : IAsyncDisposable
{
    const long MinimumFreeBytes = 200L << 20;
    const string LockName = "apphost.lock";
    const string TemporaryPrefix = "jarvis-temp-";
    static readonly TimeSpan RemoveWithin = TimeSpan.FromSeconds(5);

    FileStream? _lock;

    public bool IsTemporary => options.DataDirectory is null;

    public string Path { get; } = options.DataDirectory ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{TemporaryPrefix}{Guid.CreateVersion7(time.GetUtcNow()):N}");

    /// <summary>Downloads, shared by every temporary data directory so that they are not fetched again each time.</summary>
    public string Cache => System.IO.Path.Combine(IsTemporary ? DefaultFolders.Data() : Path, "cache");

    string LockFile => System.IO.Path.Combine(Path, LockName);

    string PidFile => System.IO.Path.Combine(Path, "apphost.pid");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Open()
    {
        try
        {
            if (IsTemporary)
                RemoveAbandoned();
            DemandOwn();
            if (IsForJarvis(Path))
                CreateFolder(Path);
            DemandClosed();
            Lock();
            Probe();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The data directory {Path} cannot be written: {error.Message} Make it writable, or choose another with --data DIR.", error);
        }
    }

    /// <summary>
    /// A folder of Jarvis' own, private whatever it was. Where this is root others may pass through, since PostgreSQL runs as another
    /// user then, but not look around.
    /// </summary>
    public static void CreateFolder(string path)
    {
        PrivateFiles.Folder(path);
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            System.IO.File.SetUnixFileMode(path, PrivateFiles.Passage);
    }

    /// <summary>
    /// Whether the folder is Jarvis' own or is about to be: a folder of the user's that holds other things, or one that all users share,
    /// keeps its mode.
    /// </summary>
    static bool IsForJarvis(string path) =>
        !Directory.Exists(path)
        || (!IsShared(path)
            && (System.IO.File.Exists(System.IO.Path.Combine(path, LockName)) || !Directory.EnumerateFileSystemEntries(path).Any()));

    /// <summary>Whoever can write there could put links in the place of files, and name processes that are to be ended.</summary>
    void DemandOwn()
    {
        if (!OperatingSystem.IsWindows() && UserId.Owner(Path) is { } owner && owner != 0 && owner != UserId.Own)
            throw new StartupException($"The data directory {Path} belongs to another user (id {owner}), who could replace what is kept "
                + "there. Give it to this user (chown), or choose another with --data DIR.");
    }

    void DemandClosed()
    {
        if (!OperatingSystem.IsWindows() && System.IO.File.GetUnixFileMode(Path).HasFlag(UnixFileMode.OtherWrite))
            throw new StartupException($"Everybody may write to the data directory {Path}. Take that away (chmod o-w), or choose a "
                + "folder below it with --data DIR.");
    }

    static bool IsShared(string path) =>
        !OperatingSystem.IsWindows() && System.IO.File.GetUnixFileMode(path).HasFlag(UnixFileMode.StickyBit);

    public async ValueTask DisposeAsync()
    {
        if (_lock is null)
            return;
        System.IO.File.Delete(PidFile);
        await _lock.DisposeAsync();
        _lock = null;
        if (IsTemporary)
            await RemoveAsync();
    }

    void Lock()
    {
        try
        {
            var file = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
                file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _lock = new FileStream(LockFile, file);
            // Who can open it could lock it, too.
            PrivateFiles.Protect(LockFile);
        }
        catch (IOException) when (System.IO.File.Exists(PidFile))
        {
            var holder = System.IO.File.ReadAllText(PidFile).Trim();
            throw new StartupException($"Another Jarvis (process {holder}) runs on the data directory {Path}. Stop that one, or give this one its own with --data DIR or --data temp.");
        }

        System.IO.File.WriteAllText(PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    void Probe()
    {
        var probe = File("write.probe");
        using (var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(new byte[4096]);
            file.Flush(flushToDisk: true);
        }

        System.IO.File.Delete(probe);
        var free = new DriveInfo(Path).AvailableFreeSpace;
        if (free < MinimumFreeBytes)
            throw new StartupException($"Only {free >> 20} MB are free on the disk of the data directory {Path}; Jarvis needs at least {MinimumFreeBytes >> 20} MB. Free some space, or choose another disk with --data DIR.");
    }

    static void RemoveAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), $"{TemporaryPrefix}*")
            .Where(FolderDeletion.IsOwn))
        {
            try
            {
                // Opens only when no AppHost holds it; what a killed one had started there may still run.
                using (new FileStream(System.IO.Path.Combine(folder, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    Remains.EndAsync(LedgerEntry.ReadAll(folder), CancellationToken.None).GetAwaiter().GetResult();
                    FolderDeletion.Delete(folder);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use.
            }
        }
    }

    /// <summary>The servers have been stopped by now; the last of their files may take a moment to close.</summary>
    async Task RemoveAsync()
    {
        var started = time.GetTimestamp();
        while (Directory.Exists(Path))
        {
            try
            {
                FolderDeletion.Delete(Path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (time.GetElapsedTime(started) > RemoveWithin)
                {
                    await Console.Error.WriteLineAsync($"warning: the temporary data directory {Path} could not be removed: {error.Message}");
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            }
        }
    }
}
