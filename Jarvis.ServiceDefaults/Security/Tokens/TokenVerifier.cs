using System.Security.Claims;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>Checks access tokens, each once.</summary>
public sealed class TokenVerifier(
    IVerificationKeys keys, VerifiedCallers callers, Revoked revoked, IEnumerable<ITokenChecks> checks, IOptions<SecurityOptions> options, TimeProvider time)
{
    /// <summary>Whose token it is, or why it is not taken.</summary>
    /// <exception cref="Errors.FailureException">503: that cannot be told now.</exception>
    public async ValueTask<(VerifiedCaller? Caller, TokenFault Fault)> VerifyAsync(string token, CancellationToken cancellationToken)
    {
        var hash = SecretHash.Of(token);
        if (callers.TryGet(hash, out var known))
            return (known, TokenFault.None);
        var generation = callers.Generation;
        var (claims, fault) = await ReadAsync(token, cancellationToken);
        if (claims is null)
            return (null, fault);
        foreach (var check in checks)
        {
            if (await check.CheckAsync(claims, cancellationToken) is not TokenFault.None and var wrong)
                return (null, wrong);
        }
        var caller = new Caller(claims.Kind, claims.Subject, claims.Session, claims.Role, claims.Scopes, claims.IssuedAt, claims.ExpiresAt);
        var verified = new VerifiedCaller(caller, new ClaimsPrincipal(new CallerIdentity(caller)), claims.ExpiresAt);
        callers.Keep(hash, verified, generation);
        // Revoked while it was being checked: the list is written before the cache is swept.
        return revoked.Holds(claims.Session, claims.Subject, claims.IssuedAt) ? (null, TokenFault.Revoked) : (verified, TokenFault.None);
    }

    private async ValueTask<(TokenClaims? Claims, TokenFault Fault)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var fault = TokenParts.Read(token, out var parts);
        if (fault is not TokenFault.None)
            return (null, fault);
        if (await keys.FindAsync(parts.KeyId, cancellationToken) is not { } key)
            return (null, TokenFault.UnknownKey);
        if (!key.Verify(parts.Signed, parts.Signature))
            return (null, TokenFault.Signature);
        fault = AccessTokens.ReadClaims(parts.Payload, options.Value, time.GetUtcNow(), out var claims);
        if (claims is null)
            return (null, fault);
        return revoked.Holds(claims.Session, claims.Subject, claims.IssuedAt) ? (null, TokenFault.Revoked) : (claims, TokenFault.None);
    }
}
