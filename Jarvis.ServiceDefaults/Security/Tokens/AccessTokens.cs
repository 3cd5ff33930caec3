using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>
/// Writes and reads access tokens: JWTs in the profile of RFC 9068, signed with ES256. The packages that do this are not on every feed in versions with one API
/// (docs/adr/0010); what is needed of the standard is little, and it is tested with forged tokens of every kind.
/// </summary>
public static class AccessTokens
{
    public const string Algorithm = "ES256";
    public const string Type = "at+jwt";

    /// <summary>A signed token. <paramref name="key"/> must be on P-256.</summary>
    public static string Write(TokenClaims claims, string issuer, string audience, string keyId, ECDsa key)
    {
        var text = new StringBuilder(480)
            .Append(Encode(writer =>
            {
                writer.WriteString("alg", Algorithm);
                writer.WriteString("typ", Type);
                writer.WriteString("kid", keyId);
            }))
            .Append('.')
            .Append(Encode(writer =>
            {
                writer.WriteString("iss", issuer);
                writer.WriteString("aud", audience);
                writer.WriteString("sub", claims.Subject);
                writer.WriteString("sid", claims.Session);
                writer.WriteString("kind", claims.Kind == CallerKind.ApiKey ? "api_key" : "user");
                if (claims.Role is { } role)
                    writer.WriteString("role", role.Name());
                if (claims.Scopes.Count > 0)
                    writer.WriteString("scope", string.Join(' ', claims.Scopes));
                writer.WriteNumber("iat", claims.IssuedAt.ToUnixTimeSeconds());
                // Who signs in anew in the second of a revocation is not meant by it.
                writer.WriteNumber("iat_ms", claims.IssuedAt.ToUnixTimeMilliseconds());
                writer.WriteNumber("exp", claims.ExpiresAt.ToUnixTimeSeconds());
                writer.WriteString("jti", Guid.CreateVersion7(claims.IssuedAt));
            }))
            .ToString();
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The claims of a payload whose signature holds.</summary>
    internal static TokenFault ReadClaims(byte[] payload, SecurityOptions options, DateTimeOffset now, out TokenClaims? claims)
    {
        claims = null;
        try
        {
            using var json = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return TokenFault.Malformed;
            if (Text(root, "iss") != options.Issuer)
                return TokenFault.Issuer;
            if (!IsFor(root, options.Audience))
                return TokenFault.Audience;
            if (Time(root, "iat") is not { } issued || Time(root, "exp") is not { } expires || expires <= issued)
                return TokenFault.Claims;
            var skew = TimeSpan.FromSeconds(options.ClockSkewSeconds);
            if (now >= expires + skew)
                return TokenFault.Expired;
            if (issued > now + skew || (root.TryGetProperty("nbf", out _) && (Time(root, "nbf") is not { } from || from > now + skew)))
                return TokenFault.NotYetValid;
            if (!Guid.TryParseExact(Text(root, "sub"), "D", out var subject) || !Guid.TryParseExact(Text(root, "sid"), "D", out var session))
                return TokenFault.Claims;
            var role = RoleNames.Parse(Text(root, "role"));
            if (role is null && root.TryGetProperty("role", out _))
                return TokenFault.Claims;
            if (root.TryGetProperty("iat_ms", out var exact) && exact.ValueKind == JsonValueKind.Number && exact.TryGetInt64(out var milliseconds)
                && milliseconds / 1_000 == issued.ToUnixTimeSeconds())
            {
                issued = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            }
            claims = new(subject, session, Text(root, "kind") == "api_key" ? CallerKind.ApiKey : CallerKind.User, role,
                Text(root, "scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [], issued, expires);
            return TokenFault.None;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return TokenFault.Malformed;
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whole seconds of this millennium and the next; nothing that would overflow.</summary>
    private static DateTimeOffset? Time(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 32_503_680_000
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static bool IsFor(JsonElement root, string audience) => root.TryGetProperty("aud", out var value) && value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(audience),
        JsonValueKind.Array => value.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(audience)),
        _ => false,
    };

    private static string Encode(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }
}
