using System.Diagnostics;
using System.Globalization;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Running;

/// <summary>
/// Notices when Aspire's orchestrator is killed: nothing would start, stop or report the parts any more, and nobody would say so. Ends what it had
/// started and then Jarvis, with a line that tells why.
/// </summary>
sealed class OrchestratorWatch(
    DistributedApplicationModel model, ResourceNotificationService notifications, ProcessLedger ledger, IHostApplicationLifetime lifetime,
        TimeProvider time,
    ILogger<OrchestratorWatch> logger) : SteadyService(time, logger)
{
    const string ProgramName = "dcp";

    // The host waits for an orchestrator that does not answer any more; what it had started is ended here.
    static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(3);

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        // Once a process runs, so does the orchestrator that started it.
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (change.Snapshot.ProcessId() is not null && model.Resources.Contains(change.Resource))
                break;
        }

        Process[] parts = [.. Find()];
        if (parts.Length == 0)
            return;
        var ended = await Task.WhenAny(parts.Select(part => part.WaitForExitAsync(stoppingToken)));
        if (stoppingToken.IsCancellationRequested || !ended.IsCompletedSuccessfully || lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        await Console.Error.WriteLineAsync("error: Aspire's orchestrator has ended unexpectedly; nothing looks after the parts of Jarvis any more, so it stops. Start it again; nothing that was accepted is lost.");
        Environment.ExitCode = StartupException.Failed;
        lifetime.StopApplication();
        await Remains.EndAsync([.. ledger.Running], CancellationToken.None);
        foreach (var part in parts)
        {
            if (!part.HasExited)
                part.Kill(entireProcessTree: true);
        }

        await Task.Delay(StopWithin, CancellationToken.None);
        Environment.Exit(StartupException.Failed);
    }

    /// <summary>The orchestrator's processes that watch this one, which they name on their command line; where that cannot be read, those that are younger.</summary>
    static IEnumerable<Process> Find()
    {
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using var self = Process.GetCurrentProcess();
        foreach (var process in Process.GetProcessesByName(ProgramName))
        {
            if (IsOurs(process, own, self.StartTime))
                yield return process;
            else
                process.Dispose();
        }
    }

    static bool IsOurs(Process process, string own, DateTime since)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
                return process.StartTime >= since;
            var words = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
            var monitor = Array.IndexOf(words, "--monitor");
            return words.Contains("start-apiserver", StringComparer.Ordinal) && monitor >= 0 && monitor + 1 < words.Length && words[monitor + 1] == own;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
