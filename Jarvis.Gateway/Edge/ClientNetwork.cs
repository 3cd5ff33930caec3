using System.Net;
using System.Net.Sockets;

namespace Jarvis.Gateway.Edge;

/// <summary>What stands for one party on the network.</summary>
internal static class ClientNetwork
{
    /// <summary>An IPv4 address, or the /64 that one IPv6 subscriber has; empty where there is no address.</summary>
    public static string Of(IPAddress? address) => Plain(address) is not { } plain ? "" : plain.AddressFamily == AddressFamily.InterNetworkV6 ? Prefix(plain, 64) : plain.ToString();

    /// <summary>The network, then wider ones around it, for who cannot keep count of each.</summary>
    public static IEnumerable<string> Around(IPAddress? address)
    {
        yield return Of(address);
        if (Plain(address) is not { } plain)
            yield break;
        var wide = plain.AddressFamily == AddressFamily.InterNetworkV6;
        yield return Prefix(plain, wide ? 48 : 24);
        yield return Prefix(plain, wide ? 32 : 16);
    }

    /// <summary>
    /// Whether many may come from it who have nothing to do with each other: the loopback, on which all of this machine are, and everybody behind a proxy that is not
    /// in <c>Gateway:TrustedProxies</c>. What one of them does must not be held against the others.
    /// </summary>
    public static bool IsShared(IPAddress? address) => Plain(address) is not { } plain || IPAddress.IsLoopback(plain);

    public static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private static string Prefix(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
