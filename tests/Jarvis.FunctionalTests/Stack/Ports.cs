using System.Net;
using System.Net.Sockets;

namespace Jarvis.FunctionalTests.Stack;

internal static class Ports
{
    // Below those that the system gives to outgoing connections, which would take one before it is listened on, and below those that Aspire gives out.
    private const int First = 8_400;
    private const int End = 9_900;

    /// <summary>A port that nobody listens on, and that nobody gets unless they ask for it by number.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}
