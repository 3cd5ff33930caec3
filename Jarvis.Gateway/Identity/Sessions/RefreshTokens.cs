using System.Runtime.InteropServices;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>A session that goes on.</summary>
internal sealed record Refreshed(AccessToken Access, string RefreshToken, DateTimeOffset RefreshExpiresAt, Guid SessionId, UserView User);

/// <summary>
/// Rotating refresh tokens (RFC 9700, 4.14.2): each is good once and has one successor, so all of a session's make a family. A spent one that comes again within the grace
/// gets the same successor, as long as nobody used that; else two parties hold the family's tokens, and it ends. Spent ones are kept for
/// hours only: an older one names its family by its tag, and ends it just so.
/// </summary>
internal sealed class RefreshTokens(
    NpgsqlDataSource database, SessionStore sessions, ServerSecret secret, IAccessTokens accessTokens, IOptions<AuthOptions> options)
{
    private static readonly Failure Unknown = new(ErrorCode.InvalidToken, "The refresh token is not valid. Sign in again.");
    private static readonly Failure Expired = new(ErrorCode.TokenExpired, "The session has ended. Sign in again.");

    /// <summary>Spends a token.</summary>
    /// <returns>The session's next tokens; or why there are none, and what ended with that.</returns>
    public async Task<(Refreshed? Refreshed, Failure? Failure, Revocation? Ended, Guid? AccountId)> RefreshAsync(string token,
        CancellationToken cancellationToken)
    {
        // Else the first in a process needs a second connection while it holds one.
        await accessTokens.PrepareAsync(cancellationToken);
        return await database.InTransactionAsync<(Refreshed?, Failure?, Revocation?, Guid?)>(async connection =>
        {
            await LockAccountAsync(connection, token, cancellationToken);
            if (await FindAsync(connection, token, cancellationToken) is not { } row)
                return await OfOldAsync(connection, token, cancellationToken) is var (account, old) ? (null, Unknown, old, account)
                    : (null, Unknown, null, null);
            if (row.SessionEnded || row.User.Disabled || (!row.IsSpent && row.IsExpired))
                return (null, Expired, null, row.User.Id);
            var successor = secret.SuccessorOf(token, row.SessionId);
            var expires = row.NextExpiresAt;
            if (!row.IsSpent)
            {
                await SpendAsync(connection, token, row.SessionId, expires, cancellationToken);
                await SessionStore.AddRefreshTokenAsync(connection, successor, row.SessionId, expires, cancellationToken);
            }
            else if (row.IsWithinGrace && await FindAsync(connection, successor, cancellationToken) is { IsSpent: false } next)
            {
                expires = next.ExpiresAt;
            }
            else
            {
                return (null, Unknown, await EndAsync(connection, row.User.Id, row.SessionId, cancellationToken), row.User.Id);
            }
            var access = await accessTokens.IssueAsync(row.User.Id, row.SessionId, row.User.Role, [], cancellationToken);
            return (new(access, successor, expires, row.SessionId, row.User), null, null, row.User.Id);
        }, cancellationToken);
    }

    /// <summary>Whether there is such a token, spent or not.</summary>
    public static async Task<bool> IsKnownAsync(NpgsqlDataSource database, string token, CancellationToken cancellationToken)
    {
        await using var command = database.Command("SELECT EXISTS (SELECT FROM identity.refresh_token WHERE hash = $1)",
            Credentials.Hash(token));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Whose token it is, spent or not, as long as it and its session live.</summary>
    public async Task<(Guid AccountId, Guid SessionId)?> OwnerAsync(NpgsqlConnection connection, string token,
        CancellationToken cancellationToken)
    {
        await LockAccountAsync(connection, token, cancellationToken);
        return await FindAsync(connection, token, cancellationToken) is { SessionEnded: false, User.Disabled: false, IsExpired: false } row
            ? (row.User.Id, row.SessionId) : null;
    }

    // A change of role or a deletion that is under way is waited for, and one that comes waits for us: the token that is issued here has
    // the role of then, and an account's row is always locked before those of its sessions.
    private static Task<int> LockAccountAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken) =>
        connection.RunAsync(
        """
        SELECT FROM identity.refresh_token t JOIN identity.session s ON s.id = t.session_id JOIN identity.account a ON a.id = s.account_id
        WHERE t.hash = $1 FOR KEY SHARE OF a
        """, [Credentials.Hash(token)], cancellationToken);

    /// <summary>The live session of a token that is kept no more, which ends: it was spent long ago.</summary>
    private async Task<(Guid Account, Revocation? Ended)?> OfOldAsync(NpgsqlConnection connection, string token,
        CancellationToken cancellationToken)
    {
        if (secret.FamilyOf(token) is not { } session)
            return null;
        await using var command = connection.Command("SELECT account_id FROM identity.session WHERE id = $1", session);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid account
            ? (account, await EndAsync(connection, account, session, cancellationToken)) : null;
    }

    private async Task<Revocation?> EndAsync(NpgsqlConnection connection, Guid account, Guid session,
        CancellationToken cancellationToken) =>
        (await sessions.EndOneAsync(connection, account, session, "refresh token reused", cancellationToken)).Revocations is [var ended, ..]
            ? ended : null;

    private async Task<Row?> FindAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken)
    {
        // The session's row is what uses of a family's tokens wait for each other at.
        await using var command = connection.Command(
            """
            SELECT s.id, s.revoked_at IS NOT NULL OR s.expires_at <= now(),
                t.spent_at IS NOT NULL, coalesce(t.spent_at + $2 > now(), false), t.expires_at <= now(), t.expires_at,
                least(now() + $3, s.max_expires_at),
                a.id, a.email, a.name, a.role, a.disabled_at IS NOT NULL, a.email_confirmed, a.created_at, a.last_sign_in_at
            FROM identity.session s JOIN identity.account a ON a.id = s.account_id JOIN identity.refresh_token t ON t.session_id = s.id
            WHERE t.hash = $1 FOR UPDATE OF s, t
            """, Credentials.Hash(token), TimeSpan.FromSeconds(options.Value.RefreshGraceSeconds), TimeSpan.FromDays(options.Value.SessionIdleDays));
        var rows = await command.ListAsync(row => new Row(
            row.GetGuid(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.Time(5), row.Time(6),
            new UserView(row.GetGuid(7), row.GetString(8), row.TextOrNull(9), RoleNames.Parse(row.GetString(10))!.Value,
                row.GetBoolean(11), row.GetBoolean(12),
                row.Time(13), row.TimeOrNull(14))), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    private static async Task SpendAsync(NpgsqlConnection connection, string token, Guid session, DateTimeOffset expires,
        CancellationToken cancellationToken)
    {
        await connection.RunAsync("UPDATE identity.refresh_token SET spent_at = now() WHERE hash = $1", [Credentials.Hash(token)],
            cancellationToken);
        await connection.RunAsync("UPDATE identity.session SET last_used_at = now(), expires_at = $2 WHERE id = $1", [session, expires],
            cancellationToken);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Row(
        Guid SessionId, bool SessionEnded, bool IsSpent, bool IsWithinGrace, bool IsExpired, DateTimeOffset ExpiresAt,
            DateTimeOffset NextExpiresAt, UserView User);
}
