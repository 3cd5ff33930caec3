using System.Net;
using System.Net.Sockets;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Startup;

/// <summary>Every port that somebody asked for by number is looked at before anything is started.</summary>
static class Ports
{
    // Where Aspire's dashboard listens when somebody wants it at a known address; else it takes free ports.
    static readonly string[] DashboardUrls =
        ["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"];

    /// <summary>Tries to listen on each for a moment.</summary>
    /// <exception cref="StartupException">One is taken, or asked for twice; the message names it and its option.</exception>
    public static void DemandFree(AppHostOptions options, IConfiguration configuration)
    {
        var seen = new Dictionary<int, string>();
        foreach (var (port, option, addresses) in Wanted(options, configuration))
        {
            if (!seen.TryAdd(port, option))
                throw new StartupException($"Port {port} is asked for twice, by {seen[port]} and by {option}. Choose another for one of them.");
            foreach (var address in addresses)
                DemandFree(port, option, address);
        }
    }

    static IEnumerable<(int Port, string Option, IReadOnlyList<IPAddress> Addresses)> Wanted(AppHostOptions options, IConfiguration configuration)
    {
        if (options.RandomPorts)
            yield break;
        var loopback = ListenAddress.Addresses(ListenAddress.Loopback);
        yield return (options.Port, "--port", ListenAddress.Addresses(options.Listen));
        foreach (var (name, service) in (IEnumerable<(string, ServiceSettings)>)[("Catalog", options.Catalog), ("Workflows", options.Workflows), ("Telemetry", options.Telemetry), ("Gateway", options.GatewayService)])
        {
            if (service.Port is { } port)
                yield return (port, $"Ports:{name}", loopback);
        }

        foreach (var key in DashboardUrls)
        {
            foreach (var url in configuration[key]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
            {
                if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Port > 0)
                    yield return (address.Port, key, loopback);
            }
        }
    }

    internal static void DemandFree(int port, string option, IPAddress address)
    {
        try
        {
            using var listener = new TcpListener(address, port) { ExclusiveAddressUse = true };
            listener.Start();
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            var look = OperatingSystem.IsLinux() ? $"ss -ltnp 'sport = :{port}'" : OperatingSystem.IsMacOS() ? $"lsof -nP -iTCP:{port} -sTCP:LISTEN" : $"netstat -ano | findstr :{port}";
            throw new StartupException($"Port {port} is taken by another process ({look} shows which). Stop that one, or choose another port with {option}.");
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
        {
            throw new StartupException($"Port {port} may not be used by this account. Choose one above 1023 with {option}.");
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressNotAvailable && !IPAddress.IsLoopback(address))
        {
            throw new StartupException($"{address} is not an address of this machine. Choose another with --listen.");
        }
        catch (SocketException)
        {
            // No such address family on this machine.
        }
    }
}
