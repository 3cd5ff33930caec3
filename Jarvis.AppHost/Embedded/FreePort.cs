using System.Net;
using System.Net.Sockets;

namespace Jarvis.AppHost.Embedded;

static class FreePort
{
    /// <summary>A port that the system gives out now. Aspire asks for the number of an endpoint that has no proxy before it starts anything.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static void AssignFreePort<T>(this IResourceBuilder<T> server, string endpointName)
        where T : IResourceWithEndpoints => server.WithEndpoint(endpointName, endpoint => endpoint.Port = endpoint.TargetPort = Next(), createIfNotExists: false);
}
