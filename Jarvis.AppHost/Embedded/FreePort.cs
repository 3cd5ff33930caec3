using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Jarvis.AppHost.Data;

namespace Jarvis.AppHost.Embedded;

static class FreePort
{
    // Below those that systems give to outgoing connections (32768 and up), any of which could take the port before the server listens on it, and
    // below those that Aspire gives to endpoints without a proxy (10000 and up).
    const int First = 5_500;
    const int End = 7_900;
    const int Attempts = 1_000;

    /// <summary>A port that nobody listens on now. A server without a proxy has to know its own before anything starts.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }

        throw new StartupException($"No port from {First} to {End} is free on this machine.");
    }

    public static void AssignFreePort<T>(this IResourceBuilder<T> server, string endpointName)
        where T : IResourceWithEndpoints => server.WithEndpoint(endpointName, endpoint => endpoint.Port = endpoint.TargetPort = Next(), createIfNotExists: false);
}
