using System.Collections.Concurrent;
using System.Net;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Which announced addresses are believed: requests that go there carry access tokens and the services' key. It takes the proof of who has that
/// key, and a host that is this machine, or one that configuration names for the service, or one of <c>Registry:AllowedHosts</c> and
/// <c>Registry:AllowedNetworks</c>.
/// </summary>
internal sealed partial class AddressRules(
    IConfiguration configuration, IOptions<RegistryOptions> registry, IOptions<SecurityOptions> security, ILogger<AddressRules> logger)
{
    private const int MaxTold = 256;
    private const string Unproven = "it is not proven with this Jarvis' service key, or is of another machine's loopback";
    private const string Foreign =
        "its host is neither this machine, nor in service discovery, nor allowed by Registry:AllowedHosts or Registry:AllowedNetworks";

    private readonly IPNetwork[] _networks = [.. registry.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>The address of <paramref name="said"/>; null when there is none, or it is not believed.</summary>
    public string? Check(Announcement said)
    {
        if (said.Address is null)
            return null;
        var address = ProcessAddress.Parse(said.Address);
        var doubt = address is null ? "it is no address of a process"
            : !said.IsProven(security.Value.ServiceKey) ? Unproven
            : !IsAllowed(said.Service, address) ? Foreign
            : null;
        if (doubt is null)
            return address!.GetLeftPart(UriPartial.Authority);
        if (_told.Count < MaxTold && _told.TryAdd(said.Instance, true))
            LogRefused(Printable(said.Service), Printable(said.Instance), doubt);
        return null;
    }

    private bool IsAllowed(string service, Uri address) =>
        address.IsLoopback
        || registry.Value.AllowedHosts.Contains(address.Host, StringComparer.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.DnsSafeHost, out var ip) && _networks.Any(network => network.Contains(ip)))
        || Configured(service).Contains(address.Host, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string> Configured(string service) =>
        configuration.GetSection($"services:{service}").AsEnumerable()
            .Select(setting => Uri.TryCreate(setting.Value, UriKind.Absolute, out var address) ? address.Host : null).OfType<string>();

    // What stands in Redis may have been written by anybody.
    private static string Printable(string text) => new([.. text.Where(char.IsAsciiLetterOrDigit).Take(40)]);

    [LoggerMessage(EventId = 42, Level = LogLevel.Warning, Message = "The address that {Service}/{Instance} announces is not used: {Reason}")]
    private partial void LogRefused(string service, string instance, string reason);
}
