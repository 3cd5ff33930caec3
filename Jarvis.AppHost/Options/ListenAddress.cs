using System.Net;
using System.Net.Sockets;

namespace Jarvis.AppHost.Options;

/// <summary>Where the public port listens, as users write it and as Kestrel's URLs do.</summary>
static class ListenAddress
{
    public const string Loopback = "localhost";

    /// <summary>The host of a URL to listen on, or null when it is neither an address, <c>any</c> nor <c>localhost</c>.</summary>
    public static string? Parse(string value) => value.ToLowerInvariant() switch
    {
        "localhost" or "loopback" => Loopback,
        "any" or "*" or "+" => Socket.OSSupportsIPv6 ? "[::]" : "0.0.0.0",
        var text => IPAddress.TryParse(text.Trim('[', ']'), out var address)
            ? address.AddressFamily is AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString()
            : null,
    };

    public static bool IsLoopback(string address) => address == Loopback || IPAddress.IsLoopback(IPAddress.Parse(address.Trim('[', ']')));

    /// <summary>The addresses that a port must be free on.</summary>
    public static IReadOnlyList<IPAddress> Addresses(string address) =>
        address == Loopback ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Parse(address.Trim('[', ']'))];
}
