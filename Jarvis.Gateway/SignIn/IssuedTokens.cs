using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.SignIn;

/// <inheritdoc/>
internal sealed class IssuedTokens(SigningKeys keys, IOptions<SigningOptions> signing, IOptions<SecurityOptions> security, TimeProvider time) : IAccessTokens
{
    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CancellationToken cancellationToken) => await keys.CurrentAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AccessToken> IssueAsync(Guid accountId, Guid sessionId, Role? role, IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        IssueAsync(CallerKind.User, accountId, sessionId, role, scopes, cancellationToken);

    public async ValueTask<AccessToken> IssueAsync(
        CallerKind kind, Guid accountId, Guid sessionId, Role? role, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        var key = await keys.CurrentAsync(cancellationToken);
        var now = time.GetUtcNow();
        var claims = new TokenClaims(accountId, sessionId, kind, role, scopes, now, now.AddMinutes(signing.Value.AccessTokenMinutes));
        return new(key.Sign(claims, security.Value.Issuer, security.Value.Audience), DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt.ToUnixTimeSeconds()));
    }
}
