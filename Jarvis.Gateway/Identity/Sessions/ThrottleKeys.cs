using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Edge;
using Jarvis.Gateway.Identity.Accounts;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>What failures are counted by, as hashes.</summary>
/// <param name="Account">The e-mail address, whether or not an account has it.</param>
/// <param name="Pair">The same from one network; null where the network says nothing of who it is.</param>
/// <param name="Network">The network; null likewise.</param>
internal sealed record ThrottleKeys(byte[] Account, byte[]? Pair, byte[]? Network)
{
    public static ThrottleKeys Of(string email, HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        var (account, network) = (EmailAddress.Normalize(email), ClientNetwork.Of(address));
        return ClientNetwork.IsShared(address) ? new(Key($"account:{account}"), null, null)
            : new(Key($"account:{account}"), Key($"pair:{network} {account}"), Key($"address:{network}"));
    }

    private static byte[] Key(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

/// <summary>An attempt that is being looked at.</summary>
/// <param name="IsFamiliar">Whether the account signed in from this network lately.</param>
/// <param name="IsAllowed">Whether it may succeed.</param>
internal sealed record SignInAttempt(ThrottleKeys Keys, bool IsFamiliar, bool IsAllowed);
