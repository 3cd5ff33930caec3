using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Catalog.Authoring;

/// <summary>
/// Writes agents, each write one transaction: the clock's row is locked first, so that writes come one after another and what is checked still
/// holds at the commit; the version that the client saw is compared by the database; the replicas are told with the commit.
/// </summary>
public sealed class AgentWriter(NpgsqlDataSource database, IOptions<AuthoringOptions> options, TimeProvider time)
{
    private const int KeptDeletions = 1_000;

    /// <summary>Stores a new agent.</summary>
    /// <exception cref="FailureException">409: the name is taken, or a bound is reached.</exception>
    public async Task<MadeAgent> CreateAsync(AgentDraft draft, CancellationToken cancellationToken)
    {
        await using var write = await Write.BeginAsync(database, cancellationToken);
        var (count, bytes, taken) = await BoundsAsync(write, draft.Name, cancellationToken);
        if (taken)
            throw Failure.Conflict($"An agent named '{draft.Name}' has been made here already: change it with PUT, or choose another name.").AsException();
        if (count >= options.Value.MaxAgents)
            throw Failure.Conflict($"There are {count} agents made here, and Authoring:MaxAgents allows no more: delete one first.").AsException();
        var text = AgentMarkdown.Write(draft);
        CheckRoom(bytes, text);

        // A name that comes again goes on counting, so that no tag of its former life fits the new one.
        await using var command = write.Command(
            """
            INSERT INTO catalog.agent (id, name, version, fields, system_prompt, size_bytes, change, created_at, updated_at)
            SELECT $1, $2, coalesce((SELECT max(version) FROM catalog.agent WHERE name = $2), 0) + 1, $3, $4, $5, $6, $7, $7
            RETURNING version
            """);
        // As Postgres keeps it, in microseconds.
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var key = Guid.CreateVersion7(now);
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = draft.Name });
        AddDefinition(command, draft, text);
        command.Parameters.Add(new() { Value = write.Number });
        command.Parameters.Add(new() { Value = now });
        var version = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        await KeepVersionAsync(write, key, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return new(key, draft.Name, version, write.Number, text, now, now);
    }

    /// <summary>Stores the next version of an agent.</summary>
    /// <param name="draft">All of it.</param>
    /// <param name="seen">Versions that the client may have seen; null for any.</param>
    /// <exception cref="FailureException">404, 412 when the version is none of <paramref name="seen"/>, or 409 at a bound.</exception>
    public async Task<MadeAgent> ReplaceAsync(AgentDraft draft, int[]? seen, CancellationToken cancellationToken)
    {
        await using var write = await Write.BeginAsync(database, cancellationToken);
        var text = AgentMarkdown.Write(draft);
        var (_, bytes, _) = await BoundsAsync(write, draft.Name, cancellationToken);
        await using var command = write.Command(
            """
            UPDATE catalog.agent SET version = version + 1, fields = $3, system_prompt = $4, size_bytes = $5, change = $6,
                   updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
            WHERE name = $1 AND deleted_at IS NULL AND ($2 IS NULL OR version = ANY($2))
            RETURNING id, version, created_at, updated_at
            """);
        command.Parameters.Add(new() { Value = draft.Name });
        command.Parameters.Add(Versions(seen));
        AddDefinition(command, draft, text);
        command.Parameters.Add(new() { Value = write.Number });
        MadeAgent? replaced = null;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                replaced = new(reader.GetGuid(0), draft.Name, reader.GetInt32(1), write.Number, text,
                    reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3));
            }
        }

        if (replaced is null)
            throw await RefusedAsync(write, draft.Name, cancellationToken);
        CheckRoom(bytes, text);
        await KeepVersionAsync(write, replaced.Key, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return replaced;
    }

    /// <summary>Deletes an agent; its row stays for a while.</summary>
    /// <returns>The version that it had.</returns>
    /// <exception cref="FailureException">404 or 412.</exception>
    public async Task<int> DeleteAsync(string name, int[]? seen, CancellationToken cancellationToken)
    {
        await using var write = await Write.BeginAsync(database, cancellationToken);
        await using var command = write.Command(
            """
            UPDATE catalog.agent SET deleted_at = clock_timestamp(), change = $3
            WHERE name = $1 AND deleted_at IS NULL AND ($2 IS NULL OR version = ANY($2))
            RETURNING version
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(Versions(seen));
        command.Parameters.Add(new() { Value = write.Number });
        if (await command.ExecuteScalarAsync(cancellationToken) is not int version)
            throw await RefusedAsync(write, name, cancellationToken);

        await using var forget = write.Command(
            """
            DELETE FROM catalog.agent WHERE deleted_at < now() - interval '30 days'
                OR id IN (SELECT id FROM catalog.agent WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC OFFSET $1)
            """);
        forget.Parameters.Add(new() { Value = KeptDeletions });
        await forget.ExecuteNonQueryAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return version;
    }

    private static async Task<(int Count, long Bytes, bool Taken)> BoundsAsync(Write write, string name, CancellationToken cancellationToken)
    {
        // The bytes are those of the others: what is replaced makes room.
        await using var command = write.Command(
            """
            SELECT count(*), coalesce(sum(size_bytes) FILTER (WHERE name <> $1), 0), coalesce(bool_or(name = $1), false)
            FROM catalog.agent WHERE deleted_at IS NULL
            """);
        command.Parameters.Add(new() { Value = name });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ((int)reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2));
    }

    private void CheckRoom(long others, string text)
    {
        if (others + Encoding.UTF8.GetByteCount(text) > options.Value.MaxTotalBytes)
            throw Failure.Conflict($"With it the agents made here would be larger than the {options.Value.MaxTotalBytes} bytes that Authoring:MaxTotalBytes allows: delete one first.").AsException();
    }

    private static void AddDefinition(NpgsqlCommand command, AgentDraft draft, string text)
    {
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(draft, JsonRules.Options), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = draft.SystemPrompt });
        command.Parameters.Add(new() { Value = Encoding.UTF8.GetByteCount(text) });
    }

    private static NpgsqlParameter Versions(int[]? seen) =>
        new() { Value = (object?)seen ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer };

    private async Task KeepVersionAsync(Write write, Guid key, CancellationToken cancellationToken)
    {
        await using var command = write.Command(
            """
            WITH kept AS (
                INSERT INTO catalog.agent_version (agent_id, version, fields, system_prompt, at, correlation_id)
                SELECT id, version, fields, system_prompt, updated_at, $3 FROM catalog.agent WHERE id = $1
                RETURNING version)
            DELETE FROM catalog.agent_version WHERE agent_id = $1 AND version <= (SELECT version FROM kept) - $2
            """);
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = options.Value.KeptVersions });
        command.Parameters.Add(new() { Value = (object?)CorrelationId.Current ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<FailureException> RefusedAsync(Write write, string name, CancellationToken cancellationToken)
    {
        await using var command = write.Command("SELECT version FROM catalog.agent WHERE name = $1 AND deleted_at IS NULL");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellationToken) is int version
            ? Precondition.Failed(name, version).AsException()
            : Failure.NotFound($"No agent is named '{name}'.").AsException();
    }

    /// <summary>A transaction that has its number, and with it the lock; rolled back unless it is committed.</summary>
    private sealed class Write(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public long Number { get; private set; }

        public static async Task<Write> BeginAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
        {
            var connection = await database.OpenConnectionAsync(cancellationToken);
            try
            {
                var write = new Write(connection, await connection.BeginTransactionAsync(cancellationToken));
                await using var command = write.Command("UPDATE catalog.agent_clock SET value = value + 1 RETURNING value");
                write.Number = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
                return write;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        public NpgsqlCommand Command(string sql)
        {
            var command = connection.CreateCorrelatedCommand(sql);
            command.Transaction = transaction;
            return command;
        }

        public async Task CommitAsync(CancellationToken cancellationToken)
        {
            await using var notify = Command("SELECT pg_notify($1, $2)");
            notify.Parameters.Add(new() { Value = AgentStore.Channel });
            notify.Parameters.Add(new() { Value = Number.ToString(System.Globalization.CultureInfo.InvariantCulture) });
            await notify.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
