using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Jarvis.ServiceDefaults.Security.Tokens;

namespace Jarvis.Gateway.SignIn;

/// <summary>How access tokens are signed; section <c>Auth</c>.</summary>
public sealed record SigningOptions : IValidatableObject
{
    public const int SecretBytes = 32;

    /// <summary>Minutes that an access token lives.</summary>
    [Range(1, 60)]
    public int AccessTokenMinutes { get; init; } = 15;

    /// <summary>Days after which tokens are signed with a new key.</summary>
    [Range(1, 365)]
    public int KeyDays { get; init; } = 30;

    /// <summary>
    /// 32 random bytes in base64 that all replicas share; the AppHost makes and keeps them. Private keys are encrypted with it. Without it keys live as long as this
    /// process, and are no other replica's.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>Milliseconds between two looks at what was revoked, in case that Redis did not tell.</summary>
    [Range(50, 1_000)]
    public int RevocationPollMs { get; init; } = 500;

    /// <summary>Credentials that are not good, of one network address (IPv6: its /64) a minute; after so many the next are refused unlooked at (429). 0 = off.</summary>
    [Range(0, 1_000_000)]
    public int FailedCredentialsPerMinute { get; init; } = 300;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var bytes = new byte[SecretBytes + 1];
        if (!string.IsNullOrEmpty(Secret) && (!Convert.TryFromBase64String(Secret, bytes, out var length) || length != SecretBytes))
            yield return new ValidationResult($"Auth:Secret must be {SecretBytes} bytes in base64.", [nameof(Secret)]);
        if (TimeSpan.FromMinutes(AccessTokenMinutes) > Revoked.Kept)
            yield return new ValidationResult("Auth:AccessTokenMinutes is longer than revocations are kept.", [nameof(AccessTokenMinutes)]);
    }

    /// <summary>A key for one purpose, made of the secret.</summary>
    public byte[] Derive(string purpose, byte[] fallback) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, string.IsNullOrEmpty(Secret) ? fallback : Convert.FromBase64String(Secret), 32, info: System.Text.Encoding.UTF8.GetBytes(purpose));
}
