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
/// gets the same successor, as long as nobody used that; else two parties hold the family's tokens, and it ends.
/// </summary>
internal sealed class RefreshTokens(
    NpgsqlDataSource database, SessionStore sessions, ServerSecret secret, IAccessTokens accessTokens, IOptions<AuthOptions> options, TimeProvider time)
{
    private static readonly Failure Unknown = new(ErrorCode.InvalidToken, "The refresh token is not valid. Sign in again.");
    private static readonly Failure Expired = new(ErrorCode.TokenExpired, "The session has ended. Sign in again.");

    /// <summary>Spends a token.</summary>
    /// <returns>The session's next tokens; or why there are none, and what ended with that.</returns>
    public Task<(Refreshed? Refreshed, Failure? Failure, Revocation? Ended, Guid? AccountId)> RefreshAsync(string token, CancellationToken cancellationToken) =>
        database.InTransactionAsync<(Refreshed?, Failure?, Revocation?, Guid?)>(async connection =>
        {
            var now = time.GetUtcNow();
            if (await FindAsync(connection, token, cancellationToken) is not { } row)
                return (null, Unknown, null, null);
            if (row.SessionEnded || row.User.Disabled)
                return (null, Expired, null, row.User.Id);
            var successor = secret.SuccessorOf(token);
            var expires = sessions.Expiry(now, row.MaxExpiresAt);
            if (row.SpentAt is null)
            {
                if (row.ExpiresAt <= now)
                    return (null, Expired, null, row.User.Id);
                await SpendAsync(connection, token, row.SessionId, now, expires, cancellationToken);
                await sessions.AddRefreshTokenAsync(connection, successor, row.SessionId, expires, cancellationToken);
            }
            else if (row.SpentAt.Value.AddSeconds(options.Value.RefreshGraceSeconds) > now && await FindAsync(connection, successor, cancellationToken) is { SpentAt: null } next)
            {
                expires = next.ExpiresAt;
            }
            else
            {
                var ended = await sessions.EndOneAsync(connection, row.User.Id, row.SessionId, "refresh token reused", cancellationToken);
                return (null, Unknown, ended.Revocations.Count > 0 ? ended.Revocations[0] : null, row.User.Id);
            }
            var access = await accessTokens.IssueAsync(row.User.Id, row.SessionId, row.User.Role, [], cancellationToken);
            return (new(access, successor, expires, row.SessionId, row.User), null, null, row.User.Id);
        }, cancellationToken);

    /// <summary>Whose token it is, spent or not, as long as it and its session live.</summary>
    public async Task<(Guid AccountId, Guid SessionId)?> OwnerAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken) =>
        await FindAsync(connection, token, cancellationToken) is { SessionEnded: false, User.Disabled: false } row && row.ExpiresAt > time.GetUtcNow() ? (row.User.Id, row.SessionId) : null;

    private async Task<Row?> FindAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken)
    {
        // The session's row is what uses of a family's tokens wait for each other at.
        await using var command = connection.Command(
            """
            SELECT s.id, s.revoked_at IS NOT NULL OR s.expires_at <= $2, s.max_expires_at, t.spent_at, t.expires_at,
                a.id, a.email, a.name, a.role, a.disabled_at IS NOT NULL, a.email_confirmed, a.created_at, a.last_sign_in_at
            FROM identity.session s JOIN identity.account a ON a.id = s.account_id JOIN identity.refresh_token t ON t.session_id = s.id
            WHERE t.hash = $1 FOR UPDATE OF s, t
            """, Credentials.Hash(token), time.GetUtcNow());
        var rows = await command.ListAsync(row => new Row(
            row.GetGuid(0), row.GetBoolean(1), row.Time(2), row.TimeOrNull(3), row.Time(4),
            new UserView(row.GetGuid(5), row.GetString(6), row.TextOrNull(7), RoleNames.Parse(row.GetString(8))!.Value, row.GetBoolean(9), row.GetBoolean(10),
                row.Time(11), row.TimeOrNull(12))), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    private static async Task SpendAsync(
        NpgsqlConnection connection, string token, Guid session, DateTimeOffset now, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        await connection.RunAsync("UPDATE identity.refresh_token SET spent_at = $2 WHERE hash = $1", [Credentials.Hash(token), now], cancellationToken);
        await connection.RunAsync("UPDATE identity.session SET last_used_at = $2, expires_at = $3 WHERE id = $1", [session, now, expires], cancellationToken);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Row(
        Guid SessionId, bool SessionEnded, DateTimeOffset MaxExpiresAt, DateTimeOffset? SpentAt, DateTimeOffset ExpiresAt, UserView User);
}
