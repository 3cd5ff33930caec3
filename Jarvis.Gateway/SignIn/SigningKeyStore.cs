using System.Security.Cryptography;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Gateway.SignIn;

/// <summary>Where the keys are kept that all replicas sign with.</summary>
public interface ISigningKeyStore
{
    /// <summary>Lets <paramref name="next"/>, which is given the keys there are, say which one to add, one replica at a time.</summary>
    /// <returns>The keys there are then, without those that have retired.</returns>
    Task<IReadOnlyList<SigningKey>> LoadAsync(Func<IReadOnlyList<SigningKey>, SigningKey?> next, CancellationToken cancellationToken);
}

/// <summary>Keys in <c>identity.signing_key</c>, encrypted.</summary>
internal sealed partial class SigningKeyStore(NpgsqlDataSource database, KeyProtection protection, TimeProvider time, ILogger<SigningKeyStore> logger) : ISigningKeyStore
{
    public async Task<IReadOnlyList<SigningKey>> LoadAsync(Func<IReadOnlyList<SigningKey>, SigningKey?> next, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var alone = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended('jarvis.identity.signing_key', 0))", connection))
            await alone.ExecuteNonQueryAsync(cancellationToken);
        var keys = await ReadAsync(connection, cancellationToken);
        if (next(keys) is { } added)
        {
            await AddAsync(connection, added, cancellationToken);
            keys.Add(added);
            LogAdded(added.KeyId, added.ActivatesAt);
        }
        await transaction.CommitAsync(cancellationToken);
        return keys;
    }

    private async Task<List<SigningKey>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var prune = new NpgsqlCommand("DELETE FROM identity.signing_key WHERE retires_at <= $1", connection) { Parameters = { new() { Value = time.GetUtcNow() } } })
            await prune.ExecuteNonQueryAsync(cancellationToken);
        var keys = new List<SigningKey>();
        await using var command = new NpgsqlCommand("SELECT kid, private_key, activates_at, retires_at FROM identity.signing_key ORDER BY activates_at", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var keyId = reader.GetString(0);
            if (protection.Unprotect(reader.GetFieldValue<byte[]>(1), keyId) is not { } pkcs8)
            {
                LogUnreadable(keyId);
                continue;
            }
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(pkcs8, out _);
            keys.Add(new(keyId, key, reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }
        return keys;
    }

    private async Task AddAsync(NpgsqlConnection connection, SigningKey key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO identity.signing_key (kid, public_jwk, private_key, created_at, activates_at, retires_at) VALUES ($1, $2, $3, $4, $5, $6)", connection)
        {
            Parameters =
            {
                new() { Value = key.KeyId },
                new() { Value = JsonSerializer.Serialize(key.Public, JsonRules.Options), NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { Value = protection.Protect(key.Export(), key.KeyId) },
                new() { Value = time.GetUtcNow() },
                new() { Value = key.ActivatesAt.ToUniversalTime() },
                new() { Value = key.RetiresAt.ToUniversalTime() },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 440, Level = LogLevel.Information, Message = "Access tokens are signed with the new key {KeyId} from {ActivatesAt} on")]
    private partial void LogAdded(string keyId, DateTimeOffset activatesAt);

    [LoggerMessage(EventId = 441, Level = LogLevel.Warning, Message = "The signing key {KeyId} was encrypted with another Auth:Secret and is not used; who signed in with it must sign in again")]
    private partial void LogUnreadable(string keyId);
}
