using System.Security.Claims;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Npgsql;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// API keys and session cookies: looked up in Postgres by hash, remembered for a minute, and exchanged for an access token that goes to the services in their
/// place, so that these know one form of credential only.
/// </summary>
internal sealed class OpaqueCredentials(NpgsqlDataSource database, IssuedTokens tokens, VerifiedCallers callers, Revoked revoked, TimeProvider time)
{
    public const string KeyPrefix = "jrv_";
    public const int MaxLength = 200;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private const string OfKey =
        """
        SELECT api_key.id, account.id, account.role, api_key.scopes, api_key.expires_at FROM identity.api_key JOIN identity.account ON account.id = api_key.account_id
        WHERE api_key.hash = $1 AND api_key.revoked_at IS NULL AND (api_key.expires_at IS NULL OR api_key.expires_at > now())
            AND account.disabled_at IS NULL
        """;

    private const string OfCookie =
        """
        SELECT session.id, account.id, account.role, NULL::text[], session.expires_at FROM identity.session JOIN identity.account ON account.id = session.account_id
        WHERE session.cookie_hash = $1 AND session.revoked_at IS NULL AND session.expires_at > now() AND account.disabled_at IS NULL
        """;

    public ValueTask<VerifiedCaller?> OfKeyAsync(string key, CancellationToken cancellationToken) => FindAsync(CallerKind.ApiKey, OfKey, key, cancellationToken);

    public ValueTask<VerifiedCaller?> OfCookieAsync(string cookie, CancellationToken cancellationToken) => FindAsync(CallerKind.User, OfCookie, cookie, cancellationToken);

    private ValueTask<VerifiedCaller?> FindAsync(CallerKind kind, string sql, string secret, CancellationToken cancellationToken)
    {
        if (secret.Length is 0 or > MaxLength)
            return default;
        var hash = SecretHash.Of(secret);
        return callers.TryGet(hash, out var known) ? new(known) : new(LookUpAsync(kind, sql, hash, cancellationToken));
    }

    private async Task<VerifiedCaller?> LookUpAsync(CallerKind kind, string sql, SecretHash hash, CancellationToken cancellationToken)
    {
        var (generation, now) = (callers.Generation, time.GetUtcNow());
        if (await ReadAsync(kind, sql, hash, now, cancellationToken) is not { } caller)
            return null;
        var token = await tokens.IssueAsync(caller.Kind, caller.AccountId, caller.SessionId, caller.Role, caller.Scopes, cancellationToken);
        var until = now + Lifetime < caller.ExpiresAt ? now + Lifetime : caller.ExpiresAt;
        var verified = new VerifiedCaller(caller, new ClaimsPrincipal(new CallerIdentity(caller)), until, $"Bearer {token.Token}");
        callers.Keep(hash, verified, generation);
        return revoked.Holds(caller.SessionId, caller.AccountId, caller.IssuedAt) ? null : verified;
    }

    private async Task<Caller?> ReadAsync(CallerKind kind, string sql, SecretHash hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(sql);
        command.Parameters.Add(new() { Value = hash.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || RoleNames.Parse(reader.GetString(2)) is not { } role)
            return null;
        IReadOnlyList<string> scopes = await reader.IsDBNullAsync(3, cancellationToken) ? [] : reader.GetFieldValue<string[]>(3);
        var expires = await reader.IsDBNullAsync(4, cancellationToken) ? DateTimeOffset.MaxValue : reader.GetFieldValue<DateTimeOffset>(4);
        return new(kind, reader.GetGuid(1), reader.GetGuid(0), kind is CallerKind.ApiKey ? Scopes.RoleOf(scopes, role) : role, Scopes.Of(scopes, role), now, expires);
    }
}
