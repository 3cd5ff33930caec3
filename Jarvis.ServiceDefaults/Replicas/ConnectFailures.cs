using System.Net.Sockets;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>Tells requests that never left from those that may have been carried out.</summary>
public static class ConnectFailures
{
    /// <summary>Whether <paramref name="exception"/> says that no connection was made: the other side saw nothing of the request.</summary>
    public static bool NeverConnected(Exception? exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => true,
        // The handler's own way to say that its ConnectTimeout is over.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => exception?.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused },
    };
}
