using System.Net;
using Jarvis.Gateway.Front;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Jarvis.Gateway.Edge;

/// <summary>Takes the client's address, scheme and host from the proxies that are configured; what anybody else says of them is not looked at.</summary>
internal static class TrustedProxies
{
    // Proxies one behind the other; each must be a trusted one.
    private const int MaxHops = 8;

    public static void AddTrustedProxies(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<FrontOptions>>((forwarded, front) =>
        {
            var trusted = front.Value.TrustedProxies;
            forwarded.ForwardedHeaders = trusted.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.ForwardLimit = MaxHops;
            // Its own default trusts the loopback.
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in trusted)
            {
                if (IPAddress.TryParse(proxy, out var address))
                    forwarded.KnownProxies.Add(address);
                else
                    forwarded.KnownIPNetworks.Add(IPNetwork.Parse(proxy));
            }
        });
}
