using System.Diagnostics;
using System.Globalization;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary><c>postmaster.pid</c> in the data folder: line 1 is the process id, line 8 the state of the server.</summary>
sealed record PostmasterFile(int ProcessId, bool IsReady)
{
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
        return int.TryParse(lines[0], NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var processId)
            ? new PostmasterFile(Math.Abs(processId), lines.Length > 7 && lines[7].Trim() == "ready")
            : null;
    }

    /// <summary>The PostgreSQL that runs on the data folder, or null: process ids are given out again, so the id alone proves nothing.</summary>
    public async Task<Process?> FindAsync(string dataFolder, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = Process.GetProcessById(ProcessId);
        }
        catch (ArgumentException)
        {
            return null;
        }

        if (await IsOursAsync(process, dataFolder, cancellationToken))
            return process;
        process.Dispose();
        return null;
    }

    static async Task<bool> IsOursAsync(Process process, string dataFolder, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        var commandLine = $"/proc/{process.Id}/cmdline";
        if (File.Exists(commandLine))
            return (await File.ReadAllTextAsync(commandLine, cancellationToken)).Split('\0').Contains(dataFolder, StringComparer.Ordinal);
        var ps = await Tool.RunAsync("ps", ["-ww", "-o", "args=", "-p", $"{process.Id}"], TimeSpan.FromSeconds(5), cancellationToken);
        return ps.Succeeded && ps.Output.Contains(dataFolder, StringComparison.Ordinal);
    }
}
