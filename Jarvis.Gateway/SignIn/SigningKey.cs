using System.Security.Cryptography;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.SignIn;

/// <summary>A key pair on P-256. It signs from <see cref="ActivatesAt"/> until a newer one does, and is good for checking until <see cref="RetiresAt"/>.</summary>
public sealed class SigningKey(string keyId, ECDsa key, DateTimeOffset activatesAt, DateTimeOffset retiresAt)
{
    private readonly Lock _signing = new();

    public string KeyId { get; } = keyId;

    public DateTimeOffset ActivatesAt { get; } = activatesAt;

    public DateTimeOffset RetiresAt { get; } = retiresAt;

    public Jwk Public { get; } = Jwk.Of(keyId, key);

    public VerificationKey Verification { get; } = new(keyId, ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));

    public static SigningKey Create(TimeProvider time, DateTimeOffset activatesAt, DateTimeOffset retiresAt) =>
        new($"k-{Guid.CreateVersion7(time.GetUtcNow()):N}", ECDsa.Create(ECCurve.NamedCurves.nistP256), activatesAt, retiresAt);

    public string Sign(TokenClaims claims, string issuer, string audience)
    {
        // One at a time: the platform's keys promise no more.
        lock (_signing)
            return AccessTokens.Write(claims, issuer, audience, KeyId, key);
    }

    /// <summary>PKCS#8, to be encrypted before it is kept.</summary>
    public byte[] Export() => key.ExportPkcs8PrivateKey();
}
