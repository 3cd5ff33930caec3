using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Sends what is meant for a service to its processes by turns, and on to the next one when nobody takes the connection. What is for others, or
/// for a service whose processes are not known, goes on to service discovery.
/// </summary>
internal sealed class ReplicaHandler(ServiceAddresses addresses) : DelegatingHandler
{
    private static int _turn;

    /// <summary>Bounds how long a connection may take to stand, for clients that bring no handler of their own.</summary>
    public static void LimitConnecting(HttpMessageHandler handler, IOptions<RegistryOptions> options)
    {
        if (handler is SocketsHttpHandler sockets)
            sockets.ConnectTimeout = TimeSpan.FromMilliseconds(options.Value.ConnectTimeoutMs);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } asked || addresses.Of(asked.Host) is not { } replicas)
            return await base.SendAsync(request, cancellationToken);
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)Math.Max(1, replicas.Count));
        try
        {
            for (var tried = 0; tried < replicas.Count; tried++)
            {
                var replica = replicas[(first + tried) % replicas.Count];
                request.RequestUri = At(replica, asked);
                try
                {
                    return await base.SendAsync(request, cancellationToken);
                }
                catch (Exception exception) when (ConnectFailures.NeverConnected(exception) && !cancellationToken.IsCancellationRequested)
                {
                    addresses.Refused(replica.Address);
                    if (tried == replicas.Count - 1)
                        throw;
                }
            }
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"No process of the {asked.Host} service is alive.");
        }
        finally
        {
            // Who is outside of this asks for the service again, and may get another process.
            request.RequestUri = asked;
        }
    }

    private static Uri At(Replica replica, Uri asked)
    {
        var address = new Uri(replica.Address);
        return new UriBuilder(asked) { Scheme = address.Scheme, Host = address.Host, Port = address.Port }.Uri;
    }
}
