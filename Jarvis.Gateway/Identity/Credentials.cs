using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Jarvis.Gateway.Identity;

/// <summary>The forms of what callers show: each has 256 random bits, and is kept as the SHA-256 of its text.</summary>
internal static class Credentials
{
    public const string ApiKeyStart = "jrv_";
    public const string RefreshTokenStart = "jrt_";

    /// <summary>Characters of 32 bytes in base64url.</summary>
    public const int SecretLength = 43;

    private const string PrefixAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int PrefixLength = 8;

    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary><c>jrv_{prefix}_{secret}</c>; the prefix names the key to people.</summary>
    public static (string Key, string Prefix) NewApiKey()
    {
        var prefix = RandomNumberGenerator.GetString(PrefixAlphabet, PrefixLength);
        return ($"{ApiKeyStart}{prefix}_{NewSecret()}", prefix);
    }

    public static byte[] Hash(string credential) => SHA256.HashData(Encoding.UTF8.GetBytes(credential));
}
