using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>A session that has just begun, with the secret of it that is shown once.</summary>
/// <param name="Secret">The refresh token, or the cookie.</param>
/// <param name="ExpiresAt">When it ends if it is not used.</param>
/// <param name="Ended">What had to end for it; to be announced after the commit.</param>
internal sealed record NewSession(Guid Id, string Secret, DateTimeOffset ExpiresAt, DateTimeOffset MaxExpiresAt, EndedSessions Ended);

/// <summary>Sessions that ended, API keys that were revoked with them, and what is to be announced of it after the commit.</summary>
internal sealed record EndedSessions(int Count, IReadOnlyList<Revocation> Revocations, int ApiKeys = 0)
{
    public static EndedSessions None { get; } = new(0, []);

    public SignedOut View => new(Count, ApiKeys);

    /// <summary>For the audit log.</summary>
    public string Detail => ApiKeys == 0 ? $"{Count} sessions ended" : $"{Count} sessions ended, {ApiKeys} API keys revoked";
}

/// <summary>A sign-in that has not ended.</summary>
/// <param name="Kind"><c>token</c> or <c>cookie</c>.</param>
/// <param name="Current">It is the one that asks.</param>
public sealed record SessionView(
    Guid Id, string Kind, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent, bool Current);

/// <summary>
/// Sessions: begun, listed, ended. Whatever ends one writes the revocation in the same transaction. Times are the database server's,
/// which all replicas share; only a revocation's is the gateway's, since it is compared with the times in tokens. Rows are locked in one
/// order everywhere: the account, then its sessions by id.
/// </summary>
internal sealed class SessionStore(IOptions<AuthOptions> options, ServerSecret secrets, TimeProvider time)
{
    public const string Token = "token";
    public const string Cookie = "cookie";

    private const string Live = "account_id = $1 AND revoked_at IS NULL AND expires_at > now()";

    /// <summary>Begins a session of an account whose password has just been found right.</summary>
    /// <returns>Null when the account was disabled, or its password changed, meanwhile.</returns>
    public async Task<NewSession?> StartAsync(
        NpgsqlConnection connection, Account account, string kind, string? newHash, HttpContext context, CancellationToken cancellationToken)
    {
        // The role of now: the account was read before the password was looked at, and an admin may have changed it since.
        await using (var command = connection.Command(
            """
            UPDATE identity.account SET last_sign_in_at = now(), password_hash = coalesce($3::text, password_hash)
            WHERE id = $1 AND security_stamp = $2 AND disabled_at IS NULL RETURNING role, last_sign_in_at
            """, account.Id, account.SecurityStamp, newHash))
        {
            if (await command.ListAsync(row => (Role: row.GetString(0), At: row.Time(1)), cancellationToken) is not [var (role, at)])
                return null;
            (account.Role, account.LastSignInAt) = (RoleNames.Parse(role)!.Value, at);
        }
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var secret = kind == Cookie ? Credentials.NewSecret() : secrets.NewRefreshToken(id);
        var cookie = kind == Cookie ? secret : null;
        var (expires, max) = await InsertAsync(connection, account.Id, id, kind, cookie, RequestSource.Of(context), cancellationToken);
        if (kind == Token)
            await AddRefreshTokenAsync(connection, secret, id, expires, cancellationToken);
        var surplus = await EndAsync(connection, account.Id, "surplus",
            $"id IN (SELECT id FROM identity.session WHERE {Live} ORDER BY last_used_at DESC, id DESC OFFSET $2)",
                options.Value.MaxSessions, cancellationToken);
        return new(id, secret, expires, max, surplus);
    }

    public static Task AddRefreshTokenAsync(NpgsqlConnection connection, string token, Guid session, DateTimeOffset expires,
        CancellationToken cancellationToken) =>
        connection.RunAsync("INSERT INTO identity.refresh_token (hash, session_id, created_at, expires_at) VALUES ($1, $2, now(), $3)",
            [Credentials.Hash(token), session, expires], cancellationToken);

    public async Task<IReadOnlyList<SessionView>> ListAsync(NpgsqlDataSource database, Guid account, Guid current, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"""
            SELECT id, kind, created_at, last_used_at, expires_at, address, user_agent FROM identity.session
            WHERE {Live} ORDER BY created_at DESC, id DESC LIMIT $2
            """, account, options.Value.MaxSessions);
        return await command.ListAsync(row => new SessionView(
            row.GetGuid(0), row.GetString(1), row.Time(2), row.Time(3), row.Time(4), row.TextOrNull(5), row.TextOrNull(6), row.GetGuid(0) == current), cancellationToken);
    }

    /// <summary>Ends one session of the account.</summary>
    public Task<EndedSessions> EndOneAsync(
        NpgsqlConnection connection, Guid account, Guid session, string reason, CancellationToken cancellationToken) =>
        EndAsync(connection, account, reason, "id = $2", session, cancellationToken);

    /// <summary>Ends all sessions of the account but one.</summary>
    public Task<EndedSessions> EndOthersAsync(
        NpgsqlConnection connection, Guid account, Guid kept, string reason, CancellationToken cancellationToken) =>
        EndAsync(connection, account, reason, "id <> $2", kept, cancellationToken);

    /// <summary>Ends all sessions of the account, and all that it showed until now.</summary>
    public async Task<EndedSessions> EndAllAsync(NpgsqlConnection connection, Guid account, string reason, CancellationToken cancellationToken)
    {
        var revocation = new Revocation(account, null, time.GetUtcNow());
        var count = await connection.RunAsync(
            """
            WITH mine AS (SELECT id FROM identity.session WHERE account_id = $1 AND revoked_at IS NULL ORDER BY id FOR UPDATE)
            UPDATE identity.session s SET revoked_at = now(), revoked_reason = $2 FROM mine WHERE s.id = mine.id
            """, [account, reason], cancellationToken);
        await NoteAsync(connection, revocation, cancellationToken);
        return new(count, [revocation]);
    }

    /// <summary>Revokes all API keys of the account besides: whoever could sign in could make one that outlives every session.</summary>
    public async Task<EndedSessions> WithKeysAsync(NpgsqlConnection connection, Guid account, EndedSessions ended,
        CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        await using var command = connection.Command(
            """
            WITH mine AS (
                SELECT id FROM identity.api_key WHERE account_id = $1 AND revoked_at IS NULL
                    AND (expires_at IS NULL OR expires_at > now()) ORDER BY id FOR UPDATE),
            revoked AS (UPDATE identity.api_key k SET revoked_at = now() FROM mine WHERE k.id = mine.id RETURNING k.id)
            INSERT INTO identity.revocation (session_id, at) SELECT id, $2 FROM revoked RETURNING session_id
            """, account, at);
        var keys = await command.ListAsync(row => new Revocation(null, row.GetGuid(0), at), cancellationToken);
        return ended with { Revocations = [.. ended.Revocations, .. keys], ApiKeys = keys.Count };
    }

    public static Task NoteAsync(NpgsqlConnection connection, Revocation revocation, CancellationToken cancellationToken) =>
        connection.RunAsync("INSERT INTO identity.revocation (account_id, session_id, at) VALUES ($1::uuid, $2::uuid, $3)",
            [revocation.AccountId, revocation.SessionId, revocation.At], cancellationToken);

    private async Task<(DateTimeOffset Expires, DateTimeOffset Max)> InsertAsync(
        NpgsqlConnection connection, Guid account, Guid id, string kind, string? cookie, RequestSource source,
        CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            INSERT INTO identity.session (id, account_id, kind, cookie_hash, created_at, last_used_at, expires_at, max_expires_at, address, user_agent)
            VALUES ($1, $2, $3, $4::bytea, now(), now(), now() + least($5::interval, $6::interval), now() + $6::interval, $7::text,
                $8::text)
            RETURNING expires_at, max_expires_at
            """, id, account, kind, cookie is null ? null : Credentials.Hash(cookie), TimeSpan.FromDays(options.Value.SessionIdleDays),
            TimeSpan.FromDays(options.Value.SessionMaxDays), source.Address, source.UserAgent);
        return (await command.ListAsync(row => (row.Time(0), row.Time(1)), cancellationToken))[0];
    }

    private async Task<EndedSessions> EndAsync(
        NpgsqlConnection connection, Guid account, string reason, string condition, object value, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        await using var command = connection.Command(
            $"""
            WITH mine AS (SELECT id FROM identity.session WHERE {Live} AND {condition} ORDER BY id FOR UPDATE),
            ended AS (UPDATE identity.session s SET revoked_at = now(), revoked_reason = $3 FROM mine WHERE s.id = mine.id RETURNING s.id)
            INSERT INTO identity.revocation (session_id, at) SELECT id, $4 FROM ended RETURNING session_id
            """, account, value, reason, at);
        var ended = await command.ListAsync(row => new Revocation(null, row.GetGuid(0), at), cancellationToken);
        return new(ended.Count, ended);
    }
}
