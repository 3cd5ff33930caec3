using System.Diagnostics;
using System.Text.Json;

namespace Aspire.Hosting.Running;

/// <summary>
/// One small file per running AppHost with the processes that it has started. An AppHost that was killed could not end them;
/// the next one that starts finds its file and does. A process is known by id and start time, so a recycled id is never hit.
/// </summary>
sealed class OrphanRegistry(string directory)
{
    readonly Lock _gate = new();
    readonly Record _own = new(Environment.ProcessId, ProcessSignals.StartStamp(Environment.ProcessId) ?? "", []);
    readonly string _file = Path.Combine(directory, $"{Environment.ProcessId}-{Stopwatch.GetTimestamp():x}.json");

    /// <summary>A folder that only this user can write to.</summary>
    public static string DefaultDirectory => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Directory.Exists(runtime) ? runtime
            : OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess ? "/run"
            : Path.GetTempPath(),
        $"aspire-standin-{Environment.UserName}");

    public void Add(string resource, int pid)
    {
        if (ProcessSignals.StartStamp(pid) is not { } started)
            return;
        lock (_gate)
        {
            _own.Children.Add(new Child(resource, pid, started));
            Save();
        }
    }

    public void Remove(int pid)
    {
        lock (_gate)
        {
            _own.Children.RemoveAll(child => child.Pid == pid);
            Save();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            // The folder is made with the first process; a start that failed before has none.
            if (File.Exists(_file))
                File.Delete(_file);
        }
    }

    /// <summary>Ends what killed AppHosts have left behind, and says so.</summary>
    public async Task StopOrphansAsync(Action<string> say)
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var file in Directory.EnumerateFiles(directory, "*.json"))
        {
            if (Read(file) is not { } record || ProcessSignals.StartStamp(record.Pid) == record.Started)
                continue;
            await Task.WhenAll(record.Children.Select(child => StopAsync(child, record.Pid, say)));
            File.Delete(file);
        }
    }

    static async Task StopAsync(Child child, int host, Action<string> say)
    {
        if (ProcessSignals.StartStamp(child.Pid) != child.Started)
            return;
        using var process = Process.GetProcessById(child.Pid);
        await ProcessSignals.EndAsync(process, TimeSpan.FromSeconds(5), time => EndsWithinAsync(child, time));
        say($"Stopped '{child.Resource}' (process {child.Pid}), left behind by AppHost {host}, which was killed.");
    }

    // Not Process.WaitForExitAsync: nobody may reap the orphan, and a zombie counts as ended here.
    static async Task<bool> EndsWithinAsync(Child child, TimeSpan time)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < time; await Task.Delay(TimeSpan.FromMilliseconds(50)))
        {
            if (ProcessSignals.StartStamp(child.Pid) != child.Started)
                return true;
        }

        return false;
    }

    static Record? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Record>(File.ReadAllBytes(file));
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    void Save()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var temporary = $"{_file}.new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(_own));
        File.Move(temporary, _file, overwrite: true);
    }

    internal sealed record Child(string Resource, int Pid, string Started);
    internal sealed record Record(int Pid, string Started, List<Child> Children);
}
