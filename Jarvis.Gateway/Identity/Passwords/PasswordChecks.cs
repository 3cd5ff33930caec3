using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Jarvis.Gateway.Identity.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>What came of comparing a password.</summary>
/// <param name="IsRight">There is a hash, and it is of this password.</param>
/// <param name="IsOutdated">It was made with fewer iterations than are used now.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PasswordCheck(bool IsRight, bool IsOutdated);

/// <summary>
/// Hashes and compares passwords with ASP.NET Core Identity's hasher (V3: PBKDF2-HMAC-SHA512). Every comparison costs the same, also where there is no account.
/// </summary>
internal sealed class PasswordChecks(IPasswordHasher<Account> hasher, PasswordWorkers workers, IOptions<AuthOptions> options)
{
    private static readonly Account Nobody = new();

    // As V3 writes it: marker, pseudo-random function (2 = HMAC-SHA512), iterations, length of the salt, salt, key.
    private const int Header = 13;
    private const int IterationsAt = 5;
    private const int SaltLength = 16;
    private const int KeyLength = 32;

    // Nobody knows what it is the hash of.
    private readonly string _dummy = DummyHash(options.Value.PasswordIterations);

    /// <inheritdoc cref="PasswordWorkers.Enter"/>
    public PasswordWorkers.Place Enter() => workers.Enter();

    public Task<string> HashAsync(PasswordWorkers.Place place, string password, CancellationToken cancellationToken) =>
        place.RunAsync(() => hasher.HashPassword(Nobody, password), cancellationToken);

    /// <summary>Compares a password with a hash.</summary>
    /// <param name="place">Where it is computed.</param>
    /// <param name="hash">The account's; null when there is none, which takes as long.</param>
    /// <param name="password">What was sent.</param>
    /// <param name="cancellationToken">Ends the wait for a worker.</param>
    public Task<PasswordCheck> CheckAsync(PasswordWorkers.Place place, string? hash, string password, CancellationToken cancellationToken) =>
        place.RunAsync(() => Check(hash, password), cancellationToken);

    internal static int IterationsOf(string hash)
    {
        Span<byte> bytes = stackalloc byte[128];
        return Convert.TryFromBase64String(hash, bytes, out var length) && length >= Header && bytes[0] == 1
            ? BinaryPrimitives.ReadInt32BigEndian(bytes[IterationsAt..]) : 0;
    }

    private PasswordCheck Check(string? hash, string password)
    {
        var result = hasher.VerifyHashedPassword(Nobody, hash ?? _dummy, password);
        // A hash of older, fewer iterations would be told by its quickness.
        var missing = options.Value.PasswordIterations - IterationsOf(hash ?? _dummy);
        if (missing > 0)
            Rfc2898DeriveBytes.Pbkdf2(password, new byte[SaltLength], missing, HashAlgorithmName.SHA512, KeyLength);
        return new(hash is not null && result != PasswordVerificationResult.Failed, missing > 0);
    }

    private static string DummyHash(int iterations)
    {
        var bytes = RandomNumberGenerator.GetBytes(Header + SaltLength + KeyLength);
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), 2);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(IterationsAt), iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), SaltLength);
        return Convert.ToBase64String(bytes);
    }
}
