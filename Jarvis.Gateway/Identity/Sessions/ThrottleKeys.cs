using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Edge;
using Jarvis.Gateway.Identity.Accounts;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>What failures are counted by, as hashes.</summary>
/// <param name="Account">The e-mail address, whether or not an account has it.</param>
/// <param name="Pair">The same from one network; null where the network says nothing of who it is.</param>
/// <param name="Network">The network; null likewise.</param>
/// <param name="Device">The same from one browser in which the account signed in lately; null when it shows none.</param>
internal sealed record ThrottleKeys(byte[] Account, byte[]? Pair, byte[]? Network, byte[]? Device)
{
    /// <summary>What counts where the account is known.</summary>
    public byte[]? Own => Device ?? Pair;

    public static ThrottleKeys Of(string email, HttpContext context, string? device)
    {
        var address = context.Connection.RemoteIpAddress;
        var (account, network) = (EmailAddress.Normalize(email), ClientNetwork.Of(address));
        var known = device is null ? null : Key($"device:{device} {account}");
        return ClientNetwork.IsShared(address) ? new(Key($"account:{account}"), null, null, known)
            : new(Key($"account:{account}"), Key($"pair:{network} {account}"), Key($"address:{network}"), known);
    }

    private static byte[] Key(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>An attempt that is being looked at.</summary>
/// <param name="IsFamiliar">Whether the account signed in from this network, or in this browser, lately.</param>
/// <param name="IsAllowed">Whether it may succeed.</param>
internal sealed record SignInAttempt(ThrottleKeys Keys, bool IsFamiliar, bool IsAllowed);
