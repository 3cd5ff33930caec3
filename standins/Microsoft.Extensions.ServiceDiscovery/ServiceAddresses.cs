using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;

[assembly: InternalsVisibleTo("Microsoft.Extensions.ServiceDiscovery.Yarp")]

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>Reads <c>services:{name}:{endpoint or scheme}:{index}</c>, as the configuration resolver of the real package does.</summary>
internal sealed class ServiceAddresses(IConfiguration configuration)
{
    private int _next;

    /// <summary>All addresses behind <c>http://catalog</c>, <c>https+http://catalog</c> or <c>http://_public.gateway</c>; empty when the name is no service.</summary>
    public IReadOnlyList<Uri> Resolve(Uri service)
    {
        var (endpoint, name) = Split(service.Host);
        var section = configuration.GetSection($"services:{name}");
        string[] keys = endpoint is null ? service.Scheme.Split('+') : [endpoint];
        foreach (var key in keys)
        {
            var addresses = section.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>()
                .Select(value => new Uri(value, UriKind.Absolute)).ToArray();
            if (addresses.Length > 0)
                return addresses;
        }
        return [];
    }

    /// <summary>The request's address with the service's name replaced, round robin over the addresses.</summary>
    public Uri Next(Uri request)
    {
        var addresses = Resolve(request);
        if (addresses.Count == 0)
            return request.Scheme.Contains('+', StringComparison.Ordinal) ? WithScheme(request, request.Scheme.Split('+')[0]) : request;
        var chosen = addresses[(int)((uint)Interlocked.Increment(ref _next) % (uint)addresses.Count)];
        return new UriBuilder(request) { Scheme = chosen.Scheme, Host = chosen.Host, Port = chosen.Port }.Uri;
    }

    private static Uri WithScheme(Uri uri, string scheme) => new UriBuilder(uri) { Scheme = scheme }.Uri;

    private static (string? Endpoint, string Name) Split(string host)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return host.StartsWith('_') && dot > 1 ? (host[1..dot], host[(dot + 1)..]) : (null, host);
    }
}
