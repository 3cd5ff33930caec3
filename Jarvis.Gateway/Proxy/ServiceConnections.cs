using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Forwarder;

namespace Jarvis.Gateway.Proxy;

/// <summary>Connections to the services: one that does not stand within <c>Registry:ConnectTimeoutMs</c> is given up, and header values pass as they are.</summary>
internal sealed class ServiceConnections(IOptions<RegistryOptions> options, ILogger<ForwarderHttpClientFactory> logger)
    : ForwarderHttpClientFactory(logger)
{
    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        base.ConfigureHandler(context, handler);
        handler.ConnectTimeout = TimeSpan.FromMilliseconds(options.Value.ConnectTimeoutMs);
        handler.WithAllHeaderBytes();
    }
}
