using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>Asks processes to end, makes them end, and tells one process from a later one with the same id.</summary>
static partial class ProcessSignals
{
    const int Interrupt = 2;
    const int Killed = 9;
    const int Terminate = 15;
    const uint ControlBreak = 1;

    /// <summary>Asks the process to end, and kills it and its children when it has not done so after <paramref name="grace"/>.</summary>
    public static async Task EndAsync(Process process, TimeSpan grace, Func<TimeSpan, Task<bool>> endsWithin)
    {
        AskToEnd(process.Id);
        if (await endsWithin(grace / 2))
            return;
        AskAgain(process.Id);
        if (await endsWithin(grace / 2))
            return;
        KillTree(process);
        await endsWithin(TimeSpan.FromSeconds(1));
    }

    /// <summary>SIGINT: what Ctrl+C would have sent. On Windows Ctrl+Break, to the process group that the process leads.</summary>
    static void AskToEnd(int pid)
    {
        if (OperatingSystem.IsWindows())
            _ = GenerateConsoleCtrlEvent(ControlBreak, (uint)pid);
        else
            _ = SendSignal(pid, Interrupt);
    }

    /// <summary>SIGTERM, for programs that were started with SIGINT ignored, as by a shell in the background.</summary>
    static void AskAgain(int pid)
    {
        if (!OperatingSystem.IsWindows())
            _ = SendSignal(pid, Terminate);
    }

    static void KillTree(Process process)
    {
        try
        {
            // The process leads its own group when it was started through setsid; the group outlives a leader that has ended.
            if (!OperatingSystem.IsWindows())
                _ = SendSignal(-process.Id, Killed);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile.
        }
    }

    /// <summary>When the process was started, in a form that survives a change of the clock where the system has one; null when there is none.</summary>
    public static string? StartStamp(int pid)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}:{fields[19]}";
            }

            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : $"{process.StartTime.ToUniversalTime().Ticks / TimeSpan.TicksPerSecond}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);

    [LibraryImport("kernel32", EntryPoint = "GenerateConsoleCtrlEvent")]
    private static partial int GenerateConsoleCtrlEvent(uint signal, uint group);
}
