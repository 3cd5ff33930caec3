using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.SignIn;
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
    public async Task<NewApiKey?> AddAsync(
        NpgsqlConnection connection, Guid account, string name, IReadOnlyList<string> scopes, int? days, CancellationToken cancellationToken)
    {
        // Parallel ones wait for each other here, so that the count holds.
        await connection.RunAsync("SELECT FROM identity.account WHERE id = $1 FOR UPDATE", [account], cancellationToken);
        var (key, prefix) = Credentials.NewApiKey();
        var now = time.GetUtcNow();
        await using var command = connection.Command(
            $"""
            INSERT INTO identity.api_key (id, account_id, name, prefix, hash, scopes, created_at, expires_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8::timestamptz
            WHERE (SELECT count(*) FROM identity.api_key WHERE account_id = $2 AND revoked_at IS NULL) < $9
            RETURNING {Columns}
            """, Guid.CreateVersion7(now), account, name, prefix, Credentials.Hash(key), scopes.ToArray(), now, days is { } given ? now.AddDays(given) : null,
            (long)options.Value.MaxApiKeys);
        var added = await command.ListAsync(View, cancellationToken);
        return added.Count == 0 ? null : new(added[0], key);
    }

    /// <summary>Revokes a key, within a transaction.</summary>
    /// <returns>What was revoked; null when the account has no such key.</returns>
    public static async Task<ApiKeyView?> RevokeAsync(NpgsqlConnection connection, Guid account, Revocation revocation, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"UPDATE identity.api_key SET revoked_at = $3 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL RETURNING {Columns}", revocation.SessionId, account, revocation.At);
        var revoked = await command.ListAsync(View, cancellationToken);
        if (revoked.Count == 0)
            return null;
        await SessionStore.NoteAsync(connection, revocation, cancellationToken);
        return revoked[0];
    }

    private static ApiKeyView View(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.Time(4), row.TimeOrNull(5), row.TimeOrNull(6));
}
