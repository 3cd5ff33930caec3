using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>SHA-256 of a credential: what is remembered and stored in its place.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SecretHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Credentials are ASCII; what is longer than any of ours has a hash all the same.</summary>
    public static SecretHash Of(ReadOnlySpan<char> secret)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetMaxByteCount(secret.Length);
        Span<byte> bytes = length <= 2_048 ? stackalloc byte[2_048] : new byte[length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(secret, bytes)], hash);
        return MemoryMarshal.Read<SecretHash>(hash);
    }

    /// <summary>As it is stored in Postgres (<c>bytea</c>).</summary>
    public byte[] ToArray() => MemoryMarshal.AsBytes(new ReadOnlySpan<SecretHash>(in this)).ToArray();

    // It is random already.
    public override int GetHashCode() => (int)A;

    // Comparing hashes tells nothing of the secrets, in whatever time.
    public bool Equals(SecretHash other) => A == other.A && B == other.B && C == other.C && D == other.D;
}
