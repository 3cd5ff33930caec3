using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.SignIn;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>A session that has just begun, with the secret of it that is shown once.</summary>
/// <param name="Secret">The refresh token, or the cookie.</param>
/// <param name="ExpiresAt">When it ends if it is not used.</param>
/// <param name="Ended">What had to end for it; to be announced after the commit.</param>
internal sealed record NewSession(Guid Id, string Secret, DateTimeOffset ExpiresAt, DateTimeOffset MaxExpiresAt, EndedSessions Ended);

/// <summary>Sessions that ended, and what is to be announced of it after the commit.</summary>
internal sealed record EndedSessions(int Count, IReadOnlyList<Revocation> Revocations)
{
    public static EndedSessions None { get; } = new(0, []);
}

/// <summary>A sign-in that has not ended.</summary>
/// <param name="Kind"><c>token</c> or <c>cookie</c>.</param>
/// <param name="Current">It is the one that asks.</param>
public sealed record SessionView(
    Guid Id, string Kind, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent, bool Current);

/// <summary>Sessions: begun, listed, ended. Whatever ends one writes the revocation in the same transaction.</summary>
internal sealed class SessionStore(IOptions<AuthOptions> options, TimeProvider time)
{
    public const string Token = "token";
    public const string Cookie = "cookie";

    private const string Live = "account_id = $1 AND revoked_at IS NULL AND expires_at > $2";

    /// <summary>Begins a session of an account whose password has just been found right.</summary>
    /// <returns>Null when the account was disabled, or its password changed, meanwhile.</returns>
    public async Task<NewSession?> StartAsync(
        NpgsqlConnection connection, Account account, string kind, string? newHash, HttpContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await connection.RunAsync(
                """
                UPDATE identity.account SET last_sign_in_at = $3, password_hash = coalesce($4::text, password_hash)
                WHERE id = $1 AND security_stamp = $2 AND disabled_at IS NULL
                """, [account.Id, account.SecurityStamp, now, newHash], cancellationToken) == 0)
            return null;
        account.LastSignInAt = now;
        var source = RequestSource.Of(context);
        var id = Guid.CreateVersion7(now);
        var secret = kind == Cookie ? Credentials.NewSecret() : Credentials.NewRefreshToken();
        var max = now.AddDays(options.Value.SessionMaxDays);
        var expires = Expiry(now, max);
        await connection.RunAsync(
            """
            INSERT INTO identity.session (id, account_id, kind, cookie_hash, created_at, last_used_at, expires_at, max_expires_at, address, user_agent)
            VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)
            """, [id, account.Id, kind, kind == Cookie ? Credentials.Hash(secret) : null, now, expires, max, source.Address, source.UserAgent], cancellationToken);
        if (kind == Token)
            await AddRefreshTokenAsync(connection, secret, id, expires, cancellationToken);
        var surplus = await EndAsync(connection, account.Id, "surplus",
            $"id IN (SELECT id FROM identity.session WHERE {Live} ORDER BY last_used_at DESC, id DESC OFFSET $4)", options.Value.MaxSessions, cancellationToken);
        return new(id, secret, expires, max, surplus);
    }

    public Task AddRefreshTokenAsync(NpgsqlConnection connection, string token, Guid session, DateTimeOffset expires, CancellationToken cancellationToken) =>
        connection.RunAsync("INSERT INTO identity.refresh_token (hash, session_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            [Credentials.Hash(token), session, time.GetUtcNow(), expires], cancellationToken);

    /// <summary>Until when a session lives that is used now.</summary>
    public DateTimeOffset Expiry(DateTimeOffset now, DateTimeOffset max) => now.AddDays(options.Value.SessionIdleDays) is var idle && idle < max ? idle : max;

    public async Task<IReadOnlyList<SessionView>> ListAsync(NpgsqlDataSource database, Guid account, Guid current, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"""
            SELECT id, kind, created_at, last_used_at, expires_at, address, user_agent FROM identity.session
            WHERE {Live} ORDER BY created_at DESC, id DESC LIMIT $3
            """, account, time.GetUtcNow(), options.Value.MaxSessions);
        return await command.ListAsync(row => new SessionView(
            row.GetGuid(0), row.GetString(1), row.Time(2), row.Time(3), row.Time(4), row.TextOrNull(5), row.TextOrNull(6), row.GetGuid(0) == current), cancellationToken);
    }

    /// <summary>Ends one session of the account.</summary>
    public Task<EndedSessions> EndOneAsync(
        NpgsqlConnection connection, Guid account, Guid session, string reason, CancellationToken cancellationToken) =>
        EndAsync(connection, account, reason, "id = $4", session, cancellationToken);

    /// <summary>Ends all sessions of the account but one.</summary>
    public Task<EndedSessions> EndOthersAsync(
        NpgsqlConnection connection, Guid account, Guid kept, string reason, CancellationToken cancellationToken) =>
        EndAsync(connection, account, reason, "id <> $4", kept, cancellationToken);

    /// <summary>Ends all sessions of the account, and all that it showed until now.</summary>
    public async Task<EndedSessions> EndAllAsync(NpgsqlConnection connection, Guid account, string reason, CancellationToken cancellationToken)
    {
        var revocation = new Revocation(account, null, time.GetUtcNow());
        var count = await connection.RunAsync(
            "UPDATE identity.session SET revoked_at = $2, revoked_reason = $3 WHERE account_id = $1 AND revoked_at IS NULL", [account, revocation.At, reason], cancellationToken);
        await NoteAsync(connection, revocation, cancellationToken);
        return new(count, [revocation]);
    }

    public static Task NoteAsync(NpgsqlConnection connection, Revocation revocation, CancellationToken cancellationToken) =>
        connection.RunAsync("INSERT INTO identity.revocation (account_id, session_id, at) VALUES ($1::uuid, $2::uuid, $3)",
            [revocation.AccountId, revocation.SessionId, revocation.At], cancellationToken);

    private async Task<EndedSessions> EndAsync(
        NpgsqlConnection connection, Guid account, string reason, string condition, object value, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = connection.Command(
            $"""
            WITH ended AS (
                UPDATE identity.session SET revoked_at = $2, revoked_reason = $3 WHERE {Live} AND {condition} RETURNING id)
            INSERT INTO identity.revocation (session_id, at) SELECT id, $2 FROM ended RETURNING session_id
            """, account, now, reason, value);
        var ended = await command.ListAsync(row => new Revocation(null, row.GetGuid(0), now), cancellationToken);
        return new(ended.Count, ended);
    }
}
