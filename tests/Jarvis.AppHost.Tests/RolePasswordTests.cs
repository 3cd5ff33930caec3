using System.Security.Cryptography;
using System.Text;
using Jarvis.AppHost.Databases;

namespace Jarvis.AppHost.Tests;

public sealed class RolePasswordTests
{
    [Fact]
    public void Password_OfEachRole_IsItsOwnAndStaysTheSame()
    {
        string[] passwords = [.. DatabaseRole.All.Select(role => RolePassword.Of("superuser", role))];

        Assert.Equal(passwords.Length, passwords.Append("superuser").Distinct(StringComparer.Ordinal).Count() - 1);
        Assert.All(passwords, password => Assert.Matches("^[0-9a-f]{48}$", password));
        Assert.Equal(passwords[0], RolePassword.Of("superuser", DatabaseRole.All[0]));
        Assert.NotEqual(passwords[0], RolePassword.Of("another", DatabaseRole.All[0]));
    }

    [Fact]
    public void Verifier_OfAPassword_IsWhatScramComputesFromIt()
    {
        // SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>
        var parts = RolePassword.Verifier("swordfish").Split('$');
        var (iterations, salt) = (int.Parse(parts[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture),
            Convert.FromBase64String(parts[1].Split(':')[1]));
        var salted = Rfc2898DeriveBytes.Pbkdf2("swordfish", salt, iterations, HashAlgorithmName.SHA256, 32);

        Assert.Equal("SCRAM-SHA-256", parts[0]);
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(HMACSHA256.HashData(salted, Encoding.ASCII.GetBytes("Client Key")))),
            parts[2].Split(':')[0]);
        Assert.DoesNotContain("swordfish", string.Concat(parts), StringComparison.Ordinal);
    }
}
