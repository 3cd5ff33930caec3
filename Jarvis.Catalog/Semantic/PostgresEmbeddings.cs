using System.Buffers.Binary;
using System.Data;
using Jarvis.ServiceDefaults.Data;
using Npgsql;

namespace Jarvis.Catalog.Semantic;

/// <summary>Vectors in <c>catalog.embedding</c>.</summary>
public sealed class PostgresEmbeddings(NpgsqlDataSource database, MigrationRunner migrations) : IEmbeddingStore
{
    private const int PruneRows = 1_000;

    public bool IsReady => migrations.Applied.IsCompletedSuccessfully;

    public async Task<IReadOnlyList<StoredVector>> LoadAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken)
    {
        var found = new List<StoredVector>(hashes.Count);
        await using var command = Command("SELECT content_hash, vector FROM catalog.embedding WHERE model = $1 AND content_hash = ANY ($2)", model, Bytes(hashes));
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
            found.Add(new(ContentHash.Read(rows.GetFieldValue<byte[]>(0)), Floats(rows.GetFieldValue<byte[]>(1))));
        return found;
    }

    public async Task SaveAsync(string model, IReadOnlyList<StoredVector> vectors, CancellationToken cancellationToken)
    {
        // Of another length only when the model of that name became another one. In one order, so that two that save the same never wait for each other.
        await using var command = Command(
            """
            INSERT INTO catalog.embedding (model, content_hash, dimensions, vector)
            SELECT $1, hash, octet_length(vector) / 4, vector FROM unnest($2, $3) AS new (hash, vector) ORDER BY hash
            ON CONFLICT (model, content_hash) DO UPDATE SET dimensions = excluded.dimensions, vector = excluded.vector, created_at = now(), last_used_at = now()
            WHERE embedding.dimensions <> excluded.dimensions
            """, model, Bytes([.. vectors.Select(vector => vector.Hash).Distinct()]), Array.ConvertAll([.. vectors.DistinctBy(vector => vector.Hash)], vector => Bytes(vector.Vector)));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IAsyncDisposable?> TryClaimAsync(string model, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended('jarvis.embedding.' || $1, 0))", connection) { Parameters = { new() { Value = model } } };
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
                return new Claim(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    public async Task TouchAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            UPDATE catalog.embedding SET last_used_at = now() WHERE ctid = ANY (ARRAY (
                SELECT ctid FROM catalog.embedding WHERE model = $1 AND content_hash = ANY ($2) AND last_used_at < now() - interval '1 day'
                ORDER BY content_hash FOR UPDATE SKIP LOCKED))
            """, model, Bytes(hashes));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<long> PruneAsync(TimeSpan unused, CancellationToken cancellationToken)
    {
        long total = 0;
        int rows;
        do
        {
            await using var command = Command(
                """
                DELETE FROM catalog.embedding WHERE ctid = ANY (ARRAY (
                    SELECT ctid FROM catalog.embedding WHERE last_used_at < now() - $1 ORDER BY last_used_at LIMIT $2 FOR UPDATE SKIP LOCKED))
                """, unused, PruneRows);
            rows = await command.ExecuteNonQueryAsync(cancellationToken);
            total += rows;
        }
        while (rows == PruneRows);
        return total;
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCorrelatedCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private static byte[][] Bytes(IReadOnlyList<ContentHash> hashes) => [.. hashes.Select(hash => hash.ToBytes())];

    private static byte[] Bytes(float[] vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }

    private static float[] Floats(byte[] bytes)
    {
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return vector;
    }

    /// <summary>The lock is the session's: when that breaks, the lock is free.</summary>
    private sealed class Claim(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                if (connection.State == ConnectionState.Open)
                {
                    await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
                    await command.ExecuteNonQueryAsync(CancellationToken.None);
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                // The session is over, and the lock with it.
            }
            finally
            {
                await connection.DisposeAsync();
            }
        }
    }
}
