using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.SignIn;

/// <summary>Encrypts private keys before they go to Postgres (AES-256-GCM), so that a copy of the database signs nothing.</summary>
internal sealed class KeyProtection(IOptions<SigningOptions> options)
{
    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly byte[] _key = options.Value.Derive("jarvis/signing-key", RandomNumberGenerator.GetBytes(SigningOptions.SecretBytes));

    /// <summary>Nonce, tag and ciphertext, bound to <paramref name="keyId"/>.</summary>
    public byte[] Protect(byte[] key, string keyId)
    {
        var kept = new byte[NonceBytes + TagBytes + key.Length];
        var (nonce, tag, text) = Parts(kept);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, key, text, tag, System.Text.Encoding.UTF8.GetBytes(keyId));
        return kept;
    }

    /// <summary>Null when it was encrypted with another secret, or is no key of ours.</summary>
    public byte[]? Unprotect(byte[] kept, string keyId)
    {
        if (kept.Length <= NonceBytes + TagBytes)
            return null;
        var (nonce, tag, text) = Parts(kept);
        var key = new byte[text.Length];
        using var aes = new AesGcm(_key, TagBytes);
        try
        {
            aes.Decrypt(nonce, text, tag, key, System.Text.Encoding.UTF8.GetBytes(keyId));
            return key;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static Sealed Parts(byte[] kept) =>
        new(kept.AsSpan(0, NonceBytes), kept.AsSpan(NonceBytes, TagBytes), kept.AsSpan(NonceBytes + TagBytes));

    private readonly ref struct Sealed(Span<byte> nonce, Span<byte> tag, Span<byte> text)
    {
        private readonly Span<byte> _nonce = nonce;
        private readonly Span<byte> _tag = tag;
        private readonly Span<byte> _text = text;

        public void Deconstruct(out Span<byte> nonce, out Span<byte> tag, out Span<byte> text)
        {
            nonce = _nonce;
            tag = _tag;
            text = _text;
        }
    }
}
