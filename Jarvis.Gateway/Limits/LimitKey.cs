using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Edge;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// Whose requests are counted together: an account's, whichever session or API key they come with; else those of an address. An IPv6 address counts with the /64
/// that it is in, since one customer has at least that many.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LimitKey(ulong High, ulong Low, LimitKey.Origin Kind)
{
    internal enum Origin : byte
    {
        Account,
        V4,
        V6,
        Subject,
    }

    public static LimitKey From(HttpContext context) =>
        context.Caller() is { } caller ? From(caller.AccountId) : From(context.Connection.RemoteIpAddress);

    public static LimitKey From(Guid account)
    {
        Span<byte> bytes = stackalloc byte[16];
        account.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), Origin.Account);
    }

    public static LimitKey From(System.Net.IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out _))
            return new(0, 0, Origin.V4);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return new(0, BinaryPrimitives.ReadUInt32BigEndian(bytes), Origin.V4);
        return address.IsIPv4MappedToIPv6
            ? new(0, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), Origin.V4)
            : new(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0, Origin.V6);
    }

    /// <summary>What is asked for from one network: an account by its e-mail address, a token, a route.</summary>
    public static LimitKey From(System.Net.IPAddress? address, string subject)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{ClientNetwork.Of(address)} {subject}"), hash);
        return new(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]), Origin.Subject);
    }

    /// <summary>The name under which every replica finds the same bucket.</summary>
    public string RedisKey(string limitClass) => string.Create(CultureInfo.InvariantCulture, $"jarvis:limit:{limitClass}:{Letter}{High:x16}{Low:x16}");

    private char Letter => Kind switch { Origin.Account => 'a', Origin.V4 => '4', Origin.V6 => '6', _ => 's' };
}
