using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Jarvis.AppHost.Embedded;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Startup;

/// <summary>What must be true before anything is started: the data directory is ours, nothing old runs on it, the port is free, the servers are there.</summary>
sealed class Provisioning(AppHostOptions options, DataDirectory data, Secrets secrets, IEnumerable<IEmbeddedServer> servers)
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
            if (!options.RandomPorts)
                DemandFreePort(options.Port);
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

    internal static void DemandFreePort(int port)
    {
        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
            {
                var look = OperatingSystem.IsLinux() ? $"ss -ltnp 'sport = :{port}'" : OperatingSystem.IsMacOS() ? $"lsof -nP -iTCP:{port} -sTCP:LISTEN" : $"netstat -ano | findstr :{port}";
                throw new StartupException($"Port {port} is taken by another process ({look} shows which). Stop that one, or choose another port with --port N.");
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
            {
                throw new StartupException($"Port {port} may not be used by this account. Choose one above 1023 with --port N.");
            }
            catch (SocketException)
            {
                // No such address family on this machine.
            }
        }
    }
}
