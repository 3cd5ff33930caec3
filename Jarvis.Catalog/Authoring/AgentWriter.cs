using System.Text;
using System.Text.Json;
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
    private readonly AgentHistory _history = new(options.Value);

    /// <summary>Stores a new agent.</summary>
    /// <param name="draft">All of it.</param>
    /// <param name="account">Who makes it, for the account's bounds; null for a service.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <exception cref="FailureException">409: the name is taken, or a bound is reached.</exception>
    public async Task<MadeAgent> CreateAsync(AgentDraft draft, string? account, CancellationToken cancellationToken)
    {
        await using var write = await AgentWrite.BeginAsync(database, cancellationToken);
        var room = await AgentRoom.ReadAsync(write, draft.Name, account, cancellationToken);
        if (room.IsTaken)
            throw Failure.Conflict($"An agent named '{draft.Name}' has been made here already: change it with PUT, or choose another name.").AsException();
        var text = AgentMarkdown.Write(draft);
        room.CheckCount(options.Value);
        room.CheckBytes(options.Value, Encoding.UTF8.GetByteCount(text));

        // A name that comes again goes on counting, so that no tag of its former life fits the new one.
        await using var command = write.Command(
            """
            INSERT INTO catalog.agent (id, name, version, fields, system_prompt, size_bytes, change, created_at, updated_at, created_by)
            SELECT $1, $2, coalesce((SELECT max(version) FROM catalog.agent WHERE name = $2), 0) + 1, $3, $4, $5, $6, $7, $7, $8
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
        command.Parameters.Add(new() { Value = (object?)account ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        var version = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        await _history.KeepAsync(write, key, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return new(key, draft.Name, version, write.Number, text, now, now);
    }

    /// <summary>Stores the next version of an agent.</summary>
    /// <param name="draft">All of it.</param>
    /// <param name="seen">Versions that the client may have seen; null for any.</param>
    /// <exception cref="FailureException">404, 412 when the version is none of <paramref name="seen"/>, or 409 at a bound.</exception>
    public async Task<MadeAgent> ReplaceAsync(AgentDraft draft, int[]? seen, CancellationToken cancellationToken)
    {
        await using var write = await AgentWrite.BeginAsync(database, cancellationToken);
        var text = AgentMarkdown.Write(draft);
        var room = await AgentRoom.ReadAsync(write, draft.Name, account: null, cancellationToken);
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
        room.CheckBytes(options.Value, Encoding.UTF8.GetByteCount(text));
        await _history.KeepAsync(write, replaced.Key, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return replaced;
    }

    /// <summary>Deletes an agent; its row stays for a while.</summary>
    /// <returns>The version that it had.</returns>
    /// <exception cref="FailureException">404 or 412.</exception>
    public async Task<int> DeleteAsync(string name, int[]? seen, CancellationToken cancellationToken)
    {
        await using var write = await AgentWrite.BeginAsync(database, cancellationToken);
        await using var command = write.Command(
            """
            WITH deleted AS (
                UPDATE catalog.agent SET deleted_at = clock_timestamp(), change = $3, system_prompt = '', size_bytes = 0
                WHERE name = $1 AND deleted_at IS NULL AND ($2 IS NULL OR version = ANY($2))
                RETURNING id, version), forgotten AS (
                DELETE FROM catalog.agent_version WHERE agent_id IN (SELECT id FROM deleted))
            SELECT version FROM deleted
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

    private static void AddDefinition(NpgsqlCommand command, AgentDraft draft, string text)
    {
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(draft, JsonRules.Options), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = draft.SystemPrompt });
        command.Parameters.Add(new() { Value = Encoding.UTF8.GetByteCount(text) });
    }

    private static NpgsqlParameter Versions(int[]? seen) =>
        new() { Value = (object?)seen ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer };

    private static async Task<FailureException> RefusedAsync(AgentWrite write, string name, CancellationToken cancellationToken)
    {
        await using var command = write.Command("SELECT version FROM catalog.agent WHERE name = $1 AND deleted_at IS NULL");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellationToken) is int version
            ? Precondition.Failed(name, version).AsException()
            : Failure.NotFound($"No agent is named '{name}'.").AsException();
    }
}
