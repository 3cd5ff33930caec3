using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

public static class ServiceDiscoveryReverseProxyServiceCollectionExtensions
{
    /// <summary>Destinations such as <c>http://catalog</c> become the service's addresses.</summary>
    public static IReverseProxyBuilder AddServiceDiscoveryDestinationResolver(this IReverseProxyBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        builder.Services.AddSingleton<IDestinationResolver, DestinationResolver>();
        return builder;
    }

    private sealed class DestinationResolver(ServiceAddresses addresses, IConfiguration configuration) : IDestinationResolver
    {
        public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
            IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
        {
            var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
            foreach (var (id, destination) in destinations)
            {
                var service = new Uri(destination.Address);
                var found = addresses.Resolve(service);
                if (found.Count == 0)
                    resolved[id] = destination;
                for (var i = 0; i < found.Count; i++)
                    resolved[$"{id}[{found[i].Authority}]"] = destination with
                    {
                        Address = new Uri(found[i], service.PathAndQuery).AbsoluteUri,
                        Host = destination.Host ?? found[i].Authority,
                    };
            }
            IChangeToken changed = configuration.GetReloadToken();
            return new(new ResolvedDestinationCollection(resolved, changed));
        }
    }
}
