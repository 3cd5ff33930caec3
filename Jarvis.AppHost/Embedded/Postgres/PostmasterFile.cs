using System.Diagnostics;
using System.Globalization;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>Whose process id stands in a <c>postmaster.pid</c>: ids are given out again, so the id alone proves nothing.</summary>
enum PostmasterHolder
{
    /// <summary>Nobody's: PostgreSQL finds that out itself, and whether a backend of that server still lives.</summary>
    Gone,

    /// <summary>The server on these data.</summary>
    Server,

    /// <summary>A process that is surely no PostgreSQL.</summary>
    Stranger,

    /// <summary>Perhaps a PostgreSQL; on which data cannot be told.</summary>
    Unknown,
}

/// <summary>
/// <c>postmaster.pid</c> in the data folder: line 1 is the process id, line 3 when it started (seconds since 1970), line 8 the state of
/// the server.
/// </summary>
sealed record PostmasterFile(int ProcessId, long StartedAt, bool IsReady)
{
    static readonly string[] ProgramNames = ["postgres", "postmaster"];

    // What the system reports and what PostgreSQL wrote down a moment later.
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "postmaster.pid");

    public static PostmasterFile? Read(string dataFolder)
    {
        try
        {
            return Parse(File.ReadAllText(PathIn(dataFolder)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static PostmasterFile? Parse(string text)
    {
        var lines = text.Split('\n');
        // A stand-alone backend (--single) writes its id as a negative number.
        if (!int.TryParse(lines[0], NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
            out var processId))
            return null;
        var startedAt = lines.Length > 2 && long.TryParse(lines[2].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? seconds : 0;
        return new PostmasterFile(Math.Abs(processId), startedAt, lines.Length > 7 && lines[7].Trim() == "ready");
    }

    /// <summary>The PostgreSQL that runs on the data folder, or null. The caller disposes of it.</summary>
    public async Task<Process?> FindAsync(string dataFolder, CancellationToken cancellationToken) =>
        await WhoAsync(dataFolder, cancellationToken) is PostmasterHolder.Server ? Get() : null;

    /// <summary>Who has the process id that the file names.</summary>
    public async Task<PostmasterHolder> WhoAsync(string dataFolder, CancellationToken cancellationToken)
    {
        using var process = Get();
        if (process is null)
            return PostmasterHolder.Gone;
        if (OperatingSystem.IsWindows())
            return WhoOnWindows(process);
        if (await CommandLineAsync(process.Id, cancellationToken) is not { } words)
            return process.HasExited ? PostmasterHolder.Gone : PostmasterHolder.Unknown;
        // PostgreSQL's own children show themselves as "postgres: checkpointer".
        if (!ProgramNames.Any(name => words[0].Contains(name, StringComparison.OrdinalIgnoreCase)))
            return PostmasterHolder.Stranger;
        // Started through a link, its command line names another path; it works in its data folder all the same.
        return words.Any(word => word.Contains(dataFolder, StringComparison.Ordinal)) || WorksIn(process.Id, dataFolder)
            ? PostmasterHolder.Server : PostmasterHolder.Unknown;
    }

    PostmasterHolder WhoOnWindows(Process process)
    {
        try
        {
            if (!ProgramNames.Contains(process.ProcessName, StringComparer.OrdinalIgnoreCase))
                return PostmasterHolder.Stranger;
            var difference = process.StartTime.ToUniversalTime() - DateTimeOffset.FromUnixTimeSeconds(StartedAt).UtcDateTime;
            return difference.Duration() < Tolerance ? PostmasterHolder.Server : PostmasterHolder.Unknown;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return PostmasterHolder.Unknown;
        }
    }

    Process? Get()
    {
        try
        {
            return Process.GetProcessById(ProcessId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// The words of a command line, or all in one where the system does not tell them apart; null when it cannot be read.
    /// </summary>
    static async Task<IReadOnlyList<string>?> CommandLineAsync(int processId, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            var ps = await Tool.RunAsync("ps", ["-ww", "-o", "args=", "-p", $"{processId}"], TimeSpan.FromSeconds(5), cancellationToken);
            return ps.Succeeded && ps.Output.Trim() is { Length: > 0 } output ? [output] : null;
        }

        try
        {
            var text = await File.ReadAllTextAsync($"/proc/{processId}/cmdline", cancellationToken);
            return text.Length > 0 ? text.Split('\0') : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static bool WorksIn(int processId, string dataFolder)
    {
        try
        {
            return OperatingSystem.IsLinux()
                && new FileInfo($"/proc/{processId}/cwd").ResolveLinkTarget(returnFinalTarget: false)?.FullName is { } folder
                && PostgresCluster.RealPath(dataFolder) == folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
