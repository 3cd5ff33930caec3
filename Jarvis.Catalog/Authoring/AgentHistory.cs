using Jarvis.ServiceDefaults.Correlation;
using NpgsqlTypes;

namespace Jarvis.Catalog.Authoring;

/// <summary>Keeps the versions of agents made here: so many of each, so many bytes of each and of all. The current one always stays.</summary>
internal sealed class AgentHistory(AuthoringOptions options)
{
    // All versions are looked at each time; between two looks a few megabytes may come.
    private const int LookEvery = 64;

    /// <summary>Keeps the agent's current version, and lets go of old ones.</summary>
    public async Task KeepAsync(AgentWrite write, Guid key, CancellationToken cancellationToken)
    {
        await using var keep = write.Command(
            """
            WITH kept AS (
                INSERT INTO catalog.agent_version (agent_id, version, fields, system_prompt, at, correlation_id, size_bytes)
                SELECT id, version, fields, system_prompt, updated_at, $3, octet_length(fields::text) + octet_length(system_prompt) FROM catalog.agent WHERE id = $1
                RETURNING version, size_bytes), old AS (
                SELECT agent_version.version, sum(agent_version.size_bytes) OVER (ORDER BY agent_version.version DESC) AS bytes FROM catalog.agent_version WHERE agent_id = $1)
            DELETE FROM catalog.agent_version WHERE agent_id = $1 AND (version <= (SELECT version FROM kept) - $2
                OR version IN (SELECT old.version FROM old, kept WHERE old.bytes + kept.size_bytes > $4))
            """);
        keep.Parameters.Add(new() { Value = key });
        keep.Parameters.Add(new() { Value = options.KeptVersions });
        keep.Parameters.Add(new() { Value = (object?)CorrelationId.Current ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        keep.Parameters.Add(new() { Value = options.MaxHistoryBytesPerAgent });
        await keep.ExecuteNonQueryAsync(cancellationToken);
        if (write.Number % LookEvery == 0)
            await ForgetAsync(write, cancellationToken);
    }

    private async Task ForgetAsync(AgentWrite write, CancellationToken cancellationToken)
    {
        await using var forget = write.Command(
            """
            DELETE FROM catalog.agent_version v
            USING (SELECT agent_id, version, sum(size_bytes) OVER (ORDER BY at DESC, agent_id, version DESC) AS bytes FROM catalog.agent_version) newest
            WHERE newest.agent_id = v.agent_id AND newest.version = v.version AND newest.bytes > $1
                AND NOT EXISTS (SELECT FROM catalog.agent WHERE agent.id = v.agent_id AND agent.version = v.version)
            """);
        forget.Parameters.Add(new() { Value = options.MaxHistoryBytes });
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }
}
