using System.Runtime.InteropServices;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Databases;
using Jarvis.AppHost.Embedded;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Processes;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Startup;

/// <summary>What must be true before anything is started: the data directory is ours, nothing old runs on it, the port is free, the servers are there.</summary>
sealed class Provisioning(AppHostOptions options, IConfiguration configuration, DataDirectory data, Secrets secrets,
    IEnumerable<IEmbeddedServer> servers, JarvisDatabase database)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The host listens for Ctrl+C only once it has started, which is after this.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            data.Open();
            secrets.Open(data);
            await EndRemainsAsync(stop.Token);
            Ports.DemandFree(options, configuration);
            if (options.HasOwnDatabase)
                database.Pools = await ServerLimits.FitAsync(options, configuration.GetConnectionString("jarvisdb")!, stop.Token);
            await PrepareServersAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new StartupException("Stopped before anything was started.") { ExitCode = StartupException.Interrupted };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Preparing the data directory {data.Path} failed: {error.Message}", error);
        }

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>All at once; the first failure stops the others and is the one that is told.</summary>
    async Task PrepareServersAsync(CancellationTokenSource stop)
    {
        Exception? first = null;
        await Task.WhenAll(servers.Select(async server =>
        {
            try
            {
                await server.PrepareAsync(data, stop.Token);
            }
            catch (Exception error)
            {
                if (Interlocked.CompareExchange(ref first, error, null) is not null)
                    return;
                await stop.CancelAsync();
            }
        }));
        if (first is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
    }

    /// <summary>Whoever was killed could not end what it had started; it would hold the ports and the data.</summary>
    async Task EndRemainsAsync(CancellationToken cancellationToken)
    {
        LedgerEntry[] remains = [.. LedgerEntry.ReadAll(data.Path).Where(entry => entry.IsRunning)];
        if (remains.Length == 0)
            return;
        await Console.Out.WriteLineAsync($"Ending what an earlier run left behind: {string.Join(", ", remains.Select(entry => $"{entry.Resource} (process {entry.ProcessId})"))}.");
        await Remains.EndAsync(remains, cancellationToken);
    }
}
