using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.ApiKeys;

/// <summary>An API key without its secret.</summary>
/// <param name="Prefix">The eight characters after <c>jrv_</c>, by which its owner knows it.</param>
/// <param name="LastUsedAt">To within some seconds.</param>
public sealed record ApiKeyView(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

internal sealed class ApiKeyStore(NpgsqlDataSource database, IOptions<AuthOptions> options, TimeProvider time)
{
    private const string Columns = "id, name, prefix, scopes, created_at, expires_at, last_used_at";

    public async Task<IReadOnlyList<ApiKeyView>> ListAsync(Guid account, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            $"SELECT {Columns} FROM identity.api_key WHERE account_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2", account, options.Value.MaxApiKeys);
        return await command.ListAsync(View, cancellationToken);
    }

    /// <summary>Makes a key, within a transaction.</summary>
    /// <returns>Null when the account has as many as it may have.</returns>
    /// <exception cref="FailureException">401: the session that asks has ended meanwhile.</exception>
    public async Task<NewApiKey?> AddAsync(
        NpgsqlConnection connection, Guid account, Guid session, string name, IReadOnlyList<string> scopes, int? days,
        CancellationToken cancellationToken)
    {
        // Parallel ones wait for each other here, so that the count holds; and for a password reset, which leaves no key that its
        // sessions were just making.
        await connection.RunAsync("SELECT FROM identity.account WHERE id = $1 FOR UPDATE", [account], cancellationToken);
        if (!await IsLiveAsync(connection, account, session, cancellationToken))
            throw new Failure(ErrorCode.InvalidToken, "The session has ended. Sign in again.").AsException();
        await TrimAsync(connection, account, cancellationToken);
        var (key, prefix) = Credentials.NewApiKey();
        await using var command = connection.Command(
            $"""
            INSERT INTO identity.api_key (id, account_id, name, prefix, hash, scopes, created_at, expires_at)
            SELECT $1, $2, $3, $4, $5, $6, now(), now() + $7::interval
            WHERE (SELECT count(*) FROM identity.api_key WHERE account_id = $2 AND revoked_at IS NULL) < $8
            RETURNING {Columns}
            """, Guid.CreateVersion7(time.GetUtcNow()), account, name, prefix, Credentials.Hash(key), scopes.ToArray(), days is { } given ? TimeSpan.FromDays(given) : null,
            (long)options.Value.MaxApiKeys);
        var added = await command.ListAsync(View, cancellationToken);
        return added.Count == 0 ? null : new(added[0], key);
    }

    /// <summary>Revokes a key, within a transaction.</summary>
    /// <returns>What was revoked; null when the account has no such key.</returns>
    public static async Task<ApiKeyView?> RevokeAsync(NpgsqlConnection connection, Guid account, Revocation revocation, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"UPDATE identity.api_key SET revoked_at = now() WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL RETURNING {Columns}", revocation.SessionId, account);
        var revoked = await command.ListAsync(View, cancellationToken);
        if (revoked.Count == 0)
            return null;
        await SessionStore.NoteAsync(connection, revocation, cancellationToken);
        return revoked[0];
    }

    private static async Task<bool> IsLiveAsync(NpgsqlConnection connection, Guid account, Guid session,
        CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "SELECT EXISTS (SELECT FROM identity.session WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND expires_at > now())", session, account);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Whoever makes and revokes keys all day leaves no more rows than the newest of those that ended.</summary>
    private Task<int> TrimAsync(NpgsqlConnection connection, Guid account, CancellationToken cancellationToken) => connection.RunAsync(
        """
        DELETE FROM identity.api_key WHERE id IN (
            SELECT id FROM identity.api_key WHERE account_id = $1 AND revoked_at IS NOT NULL ORDER BY revoked_at DESC, id DESC OFFSET $2)
        """, [account, (long)options.Value.MaxEndedApiKeys], cancellationToken);

    private static ApiKeyView View(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.Time(4), row.TimeOrNull(5), row.TimeOrNull(6));
}
