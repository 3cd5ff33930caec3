namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>What an access token says.</summary>
/// <param name="Subject">The account (<c>sub</c>).</param>
/// <param name="Session">The sign-in or API key (<c>sid</c>).</param>
/// <param name="Kind">A person or a key (<c>kind</c>).</param>
/// <param name="Role">At most (<c>role</c>); null when scopes alone count.</param>
/// <param name="Scopes">Space-separated in <c>scope</c> (RFC 8693).</param>
/// <param name="IssuedAt">To the millisecond (<c>iat</c>, <c>iat_ms</c>).</param>
/// <param name="ExpiresAt">To the second (<c>exp</c>).</param>
public sealed record TokenClaims(
    Guid Subject, Guid Session, CallerKind Kind, Role? Role, IReadOnlyList<string> Scopes, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

/// <summary>Why a token is not taken.</summary>
public enum TokenFault
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>Not three parts of base64url with JSON in them, or too long.</summary>
    Malformed,

    /// <summary>Any other than ES256, encrypted, or with demands that are not known (<c>crit</c>).</summary>
    Algorithm,

    /// <summary>Signed with a key that is not ours, or not any more.</summary>
    UnknownKey,

    Signature,
    Issuer,
    Audience,
    NotYetValid,
    Expired,

    /// <summary>A claim is missing or has another form.</summary>
    Claims,

    /// <summary>Signed out, disabled, or given another role since.</summary>
    Revoked,
}
