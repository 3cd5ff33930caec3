using System.Security.Cryptography;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.SignIn;

/// <summary>A key pair on P-256. It signs from <see cref="ActivatesAt"/> until a newer one does, and is good for checking until <see cref="RetiresAt"/>.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly Lock _signing = new();
    private readonly ECDsa _key;
    private readonly ECDsa _public;

    public SigningKey(string keyId, ECDsa key, DateTimeOffset activatesAt, DateTimeOffset retiresAt)
    {
        (KeyId, _key, ActivatesAt, RetiresAt) = (keyId, key, activatesAt, retiresAt);
        _public = ECDsa.Create(key.ExportParameters(includePrivateParameters: false));
        Public = Jwk.Of(keyId, key);
        Verification = new(keyId, _public);
    }

    public string KeyId { get; }

    public DateTimeOffset ActivatesAt { get; }

    public DateTimeOffset RetiresAt { get; }

    public Jwk Public { get; }

    public VerificationKey Verification { get; }

    public static SigningKey Create(TimeProvider time, DateTimeOffset activatesAt, DateTimeOffset retiresAt) =>
        new($"k-{Guid.CreateVersion7(time.GetUtcNow()):N}", ECDsa.Create(ECCurve.NamedCurves.nistP256), activatesAt, retiresAt);

    public string Sign(TokenClaims claims, string issuer, string audience)
    {
        // One at a time: the platform's keys promise no more.
        lock (_signing)
            return AccessTokens.Write(claims, issuer, audience, KeyId, _key);
    }

    public void Dispose()
    {
        _key.Dispose();
        _public.Dispose();
    }

    /// <summary>PKCS#8, to be encrypted before it is kept.</summary>
    public byte[] Export() => _key.ExportPkcs8PrivateKey();
}
