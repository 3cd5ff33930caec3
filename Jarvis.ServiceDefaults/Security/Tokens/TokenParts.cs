using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>
/// A compact JWS (RFC 7515) taken apart, with its header checked: only <c>alg: ES256</c> and <c>typ: at+jwt</c> (RFC 9068) are known, so that neither
/// <c>none</c>, nor a symmetric algorithm, nor an encrypted token comes as far as a key.
/// </summary>
internal readonly struct TokenParts
{
    public const int MaxLength = 4_096;
    private const int SignatureBytes = 64;
    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private TokenParts(string keyId, byte[] payload, byte[] signed, byte[] signature) =>
        (KeyId, Payload, Signed, Signature) = (keyId, payload, signed, signature);

    public string KeyId { get; }

    public byte[] Payload { get; }

    /// <summary>The bytes that the signature is over.</summary>
    public byte[] Signed { get; }

    public byte[] Signature { get; }

    public static TokenFault Read(string token, out TokenParts parts)
    {
        parts = default;
        if (token.Length > MaxLength)
            return TokenFault.Malformed;
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var last = token.LastIndexOf('.');
        // An encrypted token (JWE) has five parts.
        if (first <= 0 || last <= first + 1 || token.AsSpan(first + 1, last - first - 1).Contains('.'))
            return TokenFault.Malformed;
        if (!TryDecode(token.AsSpan(0, first), out var header) || !TryDecode(token.AsSpan(first + 1, last - first - 1), out var payload))
            return TokenFault.Malformed;
        var fault = ReadHeader(header, out var keyId);
        if (fault is not TokenFault.None)
            return fault;
        if (!TryDecode(token.AsSpan(last + 1), out var signature) || signature.Length != SignatureBytes)
            return TokenFault.Signature;
        parts = new(keyId!, payload, Encoding.ASCII.GetBytes(token, 0, last), signature);
        return TokenFault.None;
    }

    private static TokenFault ReadHeader(byte[] json, out string? keyId)
    {
        keyId = null;
        string? algorithm = null, type = null;
        try
        {
            using var header = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            if (header.RootElement.ValueKind != JsonValueKind.Object)
                return TokenFault.Malformed;
            foreach (var member in header.RootElement.EnumerateObject())
            {
                // What must be understood is not: there are no extensions here.
                if (member.NameEquals("crit"))
                    return TokenFault.Algorithm;
                if (member.Value.ValueKind != JsonValueKind.String)
                    continue;
                if (member.NameEquals("alg"))
                    algorithm = member.Value.GetString();
                else if (member.NameEquals("typ"))
                    type = member.Value.GetString();
                else if (member.NameEquals("kid"))
                    keyId = member.Value.GetString();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is no valid UTF-16, such as half of a surrogate pair.
            return TokenFault.Malformed;
        }
        return algorithm != AccessTokens.Algorithm || type != AccessTokens.Type ? TokenFault.Algorithm
            : string.IsNullOrEmpty(keyId) ? TokenFault.UnknownKey
            : TokenFault.None;
    }

    /// <summary>Only the one spelling that an encoder gives: no padding, no blanks, no spare bits.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.IsEmpty || text.ContainsAnyExcept(Alphabet) || text.Length % 4 == 1)
            return false;
        // Refuses spare bits that are not zero.
        var decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out var written) != OperationStatus.Done)
            return false;
        bytes = decoded.AsSpan(0, written).ToArray();
        return true;
    }
}
