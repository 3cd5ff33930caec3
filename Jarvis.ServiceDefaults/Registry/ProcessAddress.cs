using System.Net;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Addresses of processes: scheme, host and port, and nothing else.</summary>
internal static class ProcessAddress
{
    private const int MaxLength = 300;

    /// <summary>Reads an address; null when <paramref name="text"/> is anything else, so that it cannot lead a request elsewhere.</summary>
    public static Uri? Parse(string? text) =>
        text is { Length: <= MaxLength } && Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0 && address.Port is > 0 and <= IPEndPoint.MaxPort
        && address is { UserInfo: "", PathAndQuery: "/", Fragment: "" } && !IsAny(address)
            ? address
            : null;

    /// <summary>
    /// The one of the addresses where a server listens at which others reach it: plain HTTP before HTTPS, the loopback before others.
    /// </summary>
    /// <returns>Null when it listens only at every address of its machine, or at sockets: which one others reach is not known then.</returns>
    public static string? Choose(IEnumerable<string> listening) =>
        listening.Select(Reachable).OfType<Uri>()
            .OrderBy(address => address.Scheme == Uri.UriSchemeHttp ? 0 : 1).ThenBy(address => address.IsLoopback ? 0 : 1)
            .FirstOrDefault()?.GetLeftPart(UriPartial.Authority);

    private static Uri? Reachable(string listening)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(listening);
        }
        catch (FormatException)
        {
            return null;
        }
        if (binding.IsUnixPipe || binding.IsNamedPipe || binding.Host is "*" or "+")
            return null;
        // A name has to be looked up for each connection. A certificate, though, is made out to the name.
        var host = binding.Host == "localhost" && binding.Scheme == Uri.UriSchemeHttp ? IPAddress.Loopback.ToString() : binding.Host;
        return Parse($"{binding.Scheme}://{host}:{binding.Port}");
    }

    private static bool IsAny(Uri address) =>
        IPAddress.TryParse(address.DnsSafeHost, out var ip)
        && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || ip.Equals(IPAddress.Any.MapToIPv6()));
}
