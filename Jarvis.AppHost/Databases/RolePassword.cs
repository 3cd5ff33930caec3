using System.Security.Cryptography;
using System.Text;

namespace Jarvis.AppHost.Databases;

/// <summary>
/// The password of a role: made from the superuser's, which is kept in the data directory, and not to be turned back into it. So there is
/// one secret to keep, and who knows one role's password knows no other's.
/// </summary>
sealed class RolePassword(IValueProvider superuser, DatabaseRole role) : IValueProvider, IManifestExpressionProvider
{
    const int Iterations = 4096;
    const int SaltBytes = 16;
    const int Digits = 48;

    public string ValueExpression => $"{{{role.Name.Replace('_', '-')}-password.value}}";

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        await superuser.GetValueAsync(cancellationToken) is { } password ? Of(password, role) : null;

    public static string Of(string superuser, DatabaseRole role) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(superuser),
            Encoding.UTF8.GetBytes($"jarvis database role {role.Name}")))[..Digits];

    /// <summary>What PostgreSQL keeps of a password (RFC 5803). Sent instead of it, no log of statements ever holds the password.</summary>
    public static string Verifier(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        var keys = $"{Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${keys}";
    }
}
