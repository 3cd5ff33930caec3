using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.SignIn;

/// <summary>An access token as a client gets it.</summary>
/// <param name="Token">A JWT (ES256), for <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record AccessToken(string Token, DateTimeOffset ExpiresAt);

/// <summary>Signs access tokens with the current key.</summary>
public interface IAccessTokens
{
    /// <summary>
    /// Sees to it that there is a key, for who is about to issue within a transaction: there it must not wait for another connection.
    /// </summary>
    /// <exception cref="ServiceDefaults.Errors.FailureException">503: there is no key yet and Postgres does not answer.</exception>
    ValueTask PrepareAsync(CancellationToken cancellationToken);

    /// <summary>A token for an account's session that lives as long as <c>Auth:AccessTokenMinutes</c> says.</summary>
    /// <exception cref="ServiceDefaults.Errors.FailureException">503: there is no key yet and Postgres does not answer.</exception>
    ValueTask<AccessToken> IssueAsync(Guid accountId, Guid sessionId, Role? role, IReadOnlyList<string> scopes, CancellationToken cancellationToken);
}
