using Jarvis.ServiceDefaults.Replicas;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Jarvis.Gateway.Proxy;

/// <summary>
/// The processes that announce themselves as destinations of the clusters whose address names their service, so that no proxy stands between and
/// each gets its turn. For what nobody announces service discovery is asked, as <see cref="ConfiguredKey"/>.
/// </summary>
internal sealed class AnnouncedDestinations(
    ServiceAddresses addresses, [FromKeyedServices(AnnouncedDestinations.ConfiguredKey)] IDestinationResolver configured)
    : IDestinationResolver
{
    public const string ConfiguredKey = "configured-destinations";

    /// <summary>Puts itself before the resolver that is registered.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var before = services.Last(service => service.ServiceType == typeof(IDestinationResolver) && !service.IsKeyedService);
        services.Remove(before);
        services.AddKeyedSingleton(typeof(IDestinationResolver), ConfiguredKey, before.ImplementationType!);
        services.AddSingleton<IDestinationResolver, AnnouncedDestinations>();
    }

    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        // Taken first: what changes from here on is looked at again.
        var changed = addresses.GetChangeToken();
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal);
        var others = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal);
        foreach (var (name, destination) in destinations)
        {
            var address = new Uri(destination.Address);
            if (addresses.Of(address.Host) is not { } replicas)
            {
                others[name] = destination;
                continue;
            }
            var host = destination.Host ?? address.Authority;
            foreach (var replica in replicas)
                resolved[$"{name}[{replica.Instance}]"] = destination with { Address = replica.Address, Host = host };
        }
        if (others.Count == 0)
            return new(resolved, changed);
        var discovered = await configured.ResolveDestinationsAsync(others, cancellationToken);
        foreach (var (name, destination) in discovered.Destinations)
            resolved[name] = destination;
        return new(resolved, discovered.ChangeToken is { } token ? new CompositeChangeToken([changed, token]) : changed);
    }
}
