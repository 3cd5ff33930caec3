using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Jarvis.AppHost.Data;

namespace Jarvis.AppHost.Embedded;

/// <summary>A port that nobody else can take until it is let go, which is when the server is about to listen there.</summary>
sealed class FreePort : IDisposable
{
    // Below those that systems give to outgoing connections (32768 and up), any of which could take the port before the server listens on it, and
    // below those that Aspire gives to endpoints without a proxy (10000 and up).
    const int First = 5_500;
    const int End = 7_900;
    const int Attempts = 1_000;

    readonly TcpListener _listener;

    FreePort(TcpListener listener) => _listener = listener;

    public int Port => field == 0 ? field = ((IPEndPoint)_listener.LocalEndpoint).Port : field;

    /// <summary>A server without a proxy has to know its port before anything starts.</summary>
    public static FreePort Take()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var listener = new TcpListener(IPAddress.Loopback, RandomNumberGenerator.GetInt32(First, End)) { ExclusiveAddressUse = true };
            try
            {
                listener.Start();
                var port = new FreePort(listener);
                return port.Port > 0 ? port : throw new InvalidOperationException("A listener has no port.");
            }
            catch (SocketException)
            {
                // Taken; another one.
                listener.Dispose();
            }
        }

        throw new StartupException($"No port from {First} to {End} is free on this machine.");
    }

    /// <summary>Gives the port to a server's endpoint.</summary>
    public void AssignTo<T>(IResourceBuilder<T> server, string endpointName)
        where T : IResourceWithEndpoints => server.WithEndpoint(endpointName, endpoint => endpoint.Port = endpoint.TargetPort = Port,
            createIfNotExists: false);

    /// <summary>Lets it go. May be called again.</summary>
    public void Dispose() => _listener.Dispose();
}
