using System.Security.Cryptography;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>A public key that access tokens may be signed with. Of one key one signature is checked at a time: the platform's keys promise no more.</summary>
public sealed class VerificationKey(string keyId, ECDsa key)
{
    private readonly Lock _using = new();

    public string KeyId { get; } = keyId;

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (_using)
            return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

/// <summary>The keys that access tokens may be signed with.</summary>
public interface IVerificationKeys
{
    /// <summary>The key called so; one that is not known is looked for where the keys come from, not more often than every few seconds.</summary>
    /// <returns>Null when there is no such key.</returns>
    /// <exception cref="Errors.FailureException">503: where the keys come from does not answer.</exception>
    ValueTask<VerificationKey?> FindAsync(string keyId, CancellationToken cancellationToken);
}
