using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>Asks processes to end, makes them end, and tells one process from a later one with the same id.</summary>
static partial class ProcessSignals
{
    const int Interrupt = 2;
    const int Killed = 9;
    const int Terminate = 15;
    const uint ControlBreak = 1;

    /// <summary>
    /// Asks the process and its group to end, as Ctrl+C on a terminal would, and kills what has not ended after
    /// <paramref name="grace"/>. The group is the process's own when it was started through setsid.
    /// </summary>
    public static async Task EndAsync(Process process, TimeSpan grace, Func<TimeSpan, Task<bool>> endsWithin)
    {
        var pid = process.Id;
        if (OperatingSystem.IsWindows())
            _ = GenerateConsoleCtrlEvent(ControlBreak, (uint)pid);
        else
            SendToGroup(pid, Ignores(pid, Interrupt) ? Terminate : Interrupt);
        var ended = await endsWithin(grace / 2);
        if (!ended && !OperatingSystem.IsWindows())
        {
            // For programs that do not end on SIGINT.
            SendToGroup(pid, Terminate);
            ended = await endsWithin(grace / 2);
        }

        if (!ended)
        {
            KillTree(process);
            await endsWithin(TimeSpan.FromSeconds(1));
        }

        // A shell is gone at once; what it had started may need a moment more.
        for (var waited = Stopwatch.StartNew(); !OperatingSystem.IsWindows() && SendSignal(-pid, 0) == 0 && waited.Elapsed < TimeSpan.FromSeconds(1);)
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        if (!OperatingSystem.IsWindows())
            _ = SendSignal(-pid, Killed);
    }

    static void SendToGroup(int pid, int signal)
    {
        if (SendSignal(-pid, signal) != 0)
            _ = SendSignal(pid, signal);
    }

    /// <summary>Whether it ignores the signal, as what a shell started in the background does with SIGINT, and all that it starts in turn. Linux tells.</summary>
    static bool Ignores(int pid, int signal)
    {
        const string Field = "SigIgn:";
        try
        {
            return File.Exists($"/proc/{pid}/status")
                && File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line
                && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var ignored)
                && (ignored & (1UL << (signal - 1))) != 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static void KillTree(Process process)
    {
        try
        {
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
