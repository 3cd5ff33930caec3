using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity;

/// <summary>Derives secrets from <c>Auth:Secret</c>, so that what must be said again need not be kept: HMAC-SHA-256 under a key per purpose (HKDF).</summary>
internal sealed partial class ServerSecret
{
    private readonly byte[] _key;

    public ServerSecret(IOptions<AuthOptions> options, ILogger<ServerSecret> logger)
    {
        if (options.Value.Secret is { Length: > 0 } secret)
        {
            _key = Convert.FromBase64String(secret);
            return;
        }
        _key = RandomNumberGenerator.GetBytes(32);
        LogMissing(logger);
    }

    /// <summary>256 bits in base64url that nobody without the secret can tell from <paramref name="input"/>.</summary>
    public string Derive(string purpose, string input)
    {
        var key = HKDF.Expand(HashAlgorithmName.SHA256, _key, 32, Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(input)));
    }

    /// <summary>The refresh token that follows a spent one, always the same.</summary>
    public string SuccessorOf(string refreshToken) => Credentials.RefreshTokenStart + Derive("refresh-successor", refreshToken);

    [LoggerMessage(EventId = 430, Level = LogLevel.Warning,
        Message = "Auth:Secret is not set: refresh tokens and e-mailed links that were made before this start, or on another replica, cannot be repeated")]
    private static partial void LogMissing(ILogger logger);
}
