using System.Security.Cryptography;

namespace Jarvis.Catalog.Formats;

/// <summary>The first 16 hexadecimal digits of a SHA-256: enough to tell versions of a thing apart, such as in an entity tag.</summary>
public static class ShortHash
{
    private const int Bytes = 8;

    public static string Of(ReadOnlySpan<byte> data) => Digits(SHA256.HashData(data));

    /// <summary>Of all that was added to a SHA-256, which begins anew.</summary>
    public static string Of(IncrementalHash sha256) => Digits(sha256.GetHashAndReset());

    private static string Digits(byte[] hash) => Convert.ToHexStringLower(hash.AsSpan(0, Bytes));
}
