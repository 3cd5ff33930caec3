using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Jarvis.AppHost.Processes;

static partial class Signals
{
    const int Interrupt = 2;

    /// <summary>Asks the process to end as Ctrl+C does (for PostgreSQL that is a fast, clean shutdown) and kills it when it does not.</summary>
    public static async Task StopAsync(Process process, TimeSpan within, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || Kill(process.Id, Interrupt) != 0)
            process.Kill(entireProcessTree: true);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellationToken);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int processId, int signal);
}
