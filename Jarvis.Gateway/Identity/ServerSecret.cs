using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity;

/// <summary>Derives secrets from <c>Auth:Secret</c>, so that what must be said again need not be kept: HMAC-SHA-256 under a key per purpose (HKDF).</summary>
internal sealed partial class ServerSecret
{
    private const char Dot = '.';
    private const int IdLength = 16;
    private const int TagLength = 32;
    private const int RefreshTokenLength = 4 + Credentials.SecretLength + 1 + Credentials.SecretLength;

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
    public string Derive(string purpose, string input) => Base64Url.EncodeToString(Mac(purpose, input));

    /// <summary>A refresh token that begins a session's family: <c>jrt_</c>, a secret, a dot, and the family's tag.</summary>
    public string NewRefreshToken(Guid session) => RefreshToken(Credentials.NewSecret(), session);

    /// <summary>The refresh token that follows a spent one of the session, always the same.</summary>
    public string SuccessorOf(string refreshToken, Guid session) => RefreshToken(Derive("refresh-successor", refreshToken), session);

    /// <summary>
    /// The session that a refresh token was made for, by its tag; null when it is none of ours. So one that was spent long ago, and is
    /// kept no more, is still told from one that nobody ever had.
    /// </summary>
    public Guid? FamilyOf(string refreshToken)
    {
        if (refreshToken.Length != RefreshTokenLength || refreshToken[^(Credentials.SecretLength + 1)] != Dot
            || !refreshToken.StartsWith(Credentials.RefreshTokenStart, StringComparison.Ordinal))
            return null;
        var secret = refreshToken[Credentials.RefreshTokenStart.Length..^(Credentials.SecretLength + 1)];
        var shown = refreshToken[^Credentials.SecretLength..];
        Span<byte> tag = stackalloc byte[TagLength];
        if (Base64Url.DecodeFromChars(shown, tag, out _, out var written) != OperationStatus.Done || written != TagLength)
            return null;
        var session = new Guid(tag[..IdLength], bigEndian: true);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(shown), Encoding.ASCII.GetBytes(Tag(secret, session)))
            ? session : null;
    }

    private string RefreshToken(string secret, Guid session) => $"{Credentials.RefreshTokenStart}{secret}{Dot}{Tag(secret, session)}";

    // The session's id, and 128 bits that bind it to the secret.
    private string Tag(string secret, Guid session)
    {
        Span<byte> tag = stackalloc byte[TagLength];
        session.TryWriteBytes(tag, bigEndian: true, out _);
        Mac("refresh-family", $"{session:N} {secret}").AsSpan(0, TagLength - IdLength).CopyTo(tag[IdLength..]);
        return Base64Url.EncodeToString(tag);
    }

    private byte[] Mac(string purpose, string input) =>
        HMACSHA256.HashData(HKDF.Expand(HashAlgorithmName.SHA256, _key, 32, Encoding.UTF8.GetBytes(purpose)),
            Encoding.UTF8.GetBytes(input));

    [LoggerMessage(EventId = 430, Level = LogLevel.Warning,
        Message = "Auth:Secret is not set: refresh tokens and e-mailed links that were made before this start, or on another replica, cannot be repeated")]
    private static partial void LogMissing(ILogger logger);
}
