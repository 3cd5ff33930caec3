using Npgsql;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>
/// Migrates one schema over one connection. A statement takes the time that it needs: an index over ten million rows is no fault. What is bounded is how long it
/// waits for others, since whoever comes after it waits for it.
/// </summary>
internal sealed class MigrationSession(NpgsqlConnection connection, string schema)
{
    private const string LockTimeout = "3s";

    /// <summary>
    /// Tells whether this process migrates now. It asks and does not wait: a session that waits in a statement holds a snapshot, and building an index concurrently waits for that.
    /// </summary>
    public async Task<bool> TryLockAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", connection);
        command.Parameters.Add(new() { Value = $"jarvis.migrations.{schema}" });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task UnlockAsync() => await ExecuteAsync("SELECT pg_advisory_unlock_all()", CancellationToken.None);

    /// <summary>The checksums of what was applied, by name.</summary>
    public async Task<IReadOnlyDictionary<string, string>> AppliedAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            $"""
            DO $$ BEGIN
                -- Asked first: a role that may not create schemas is refused even where there is nothing to create.
                IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF;
            END $$;
            CREATE TABLE IF NOT EXISTS {schema}.migration (
                name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
            """, cancellationToken);
        var done = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand($"SELECT name, checksum FROM {schema}.migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            done[reader.GetString(0)] = reader.GetString(1);
        return done;
    }

    public Task ApplyAsync(Migration migration, CancellationToken cancellationToken) =>
        migration.IsConcurrent ? ApplyConcurrentlyAsync(migration, cancellationToken) : ApplyInTransactionAsync(migration, cancellationToken);

    private async Task ApplyInTransactionAsync(Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync($"SET LOCAL lock_timeout = '{LockTimeout}'", cancellationToken);
        await ExecuteAsync(migration.Sql, cancellationToken);
        await RecordAsync(migration, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task ApplyConcurrentlyAsync(Migration migration, CancellationToken cancellationToken)
    {
        foreach (var statement in migration.Statements())
        {
            // One that was cut short leaves an index that costs writes and answers nothing, and "IF NOT EXISTS" would take it for done.
            if (statement.Index is { } index && await IsInvalidAsync(index, cancellationToken))
                await ExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {schema}.{index}", cancellationToken);
            await ExecuteAsync(statement.Sql, cancellationToken);
        }
        await RecordAsync(migration, cancellationToken);
    }

    private async Task<bool> IsInvalidAsync(string index, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                WHERE relname = $1 AND relnamespace = $2::regnamespace AND NOT indisvalid)
            """, connection);
        command.Parameters.Add(new() { Value = index });
        command.Parameters.Add(new() { Value = schema });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task RecordAsync(Migration migration, CancellationToken cancellationToken)
    {
        await using var record = new NpgsqlCommand($"INSERT INTO {schema}.migration (name, checksum) VALUES ($1, $2)", connection);
        record.Parameters.Add(new() { Value = migration.Name });
        record.Parameters.Add(new() { Value = migration.Checksum });
        await record.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
