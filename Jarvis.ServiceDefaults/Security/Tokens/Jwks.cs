using System.Buffers.Text;
using System.Security.Cryptography;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>A public key as JSON (RFC 7517), on P-256.</summary>
public sealed record Jwk(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg)
{
    public static Jwk Of(string keyId, ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new("EC", "P-256", Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y), keyId, "sig", AccessTokens.Algorithm);
    }

    /// <summary>As a key to check with.</summary>
    /// <returns>Null when it is no key that tokens are signed with here.</returns>
    public VerificationKey? ToKey()
    {
        if (Kty != "EC" || Crv != "P-256" || Alg != AccessTokens.Algorithm || string.IsNullOrEmpty(Kid))
            return null;
        try
        {
            return new(Kid, ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Base64Url.DecodeFromChars(X), Y = Base64Url.DecodeFromChars(Y) },
            }));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>The public keys, as <c>/.well-known/jwks.json</c> gives them; the standard's form, without the envelope.</summary>
public sealed record Jwks(IReadOnlyList<Jwk> Keys);
