using System.Text.Json;
using Jarvis.Catalog.Formats;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Envelopes;
using Npgsql;

namespace Jarvis.Catalog.Authoring;

/// <summary>Agents made here as every replica reads them; how they are written is in <see cref="AgentWriter"/>.</summary>
public sealed partial class AgentStore(NpgsqlDataSource database, ILogger<AgentStore> logger)
{
    /// <summary>The channel on which a write tells the replicas, with its number.</summary>
    public const string Channel = "catalog_agent";

    /// <summary>What was written after number <paramref name="after"/>, with deletions; with null every agent that there is, without.</summary>
    public async Task<MadeChanges> ReadAsync(long? after, CancellationToken cancellationToken)
    {
        // One statement, so one moment: the clock, the count and the rows belong together.
        await using var command = database.CreateCommand(
            """
            SELECT clock.value, (SELECT count(*) FROM catalog.agent WHERE deleted_at IS NULL),
                   agent.id, agent.name, agent.version, agent.change, agent.fields::text, agent.system_prompt, agent.created_at, agent.updated_at, agent.deleted_at IS NOT NULL
            FROM catalog.agent_clock clock
            LEFT JOIN catalog.agent agent ON agent.change > $1 AND (agent.deleted_at IS NULL OR $2)
            """);
        command.Parameters.Add(new() { Value = after ?? -1 });
        command.Parameters.Add(new() { Value = after is not null });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (clock, live) = (0L, 0);
        var agents = new List<(MadeAgent, bool)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            (clock, live) = (reader.GetInt64(0), (int)reader.GetInt64(1));
            if (!reader.IsDBNull(2))
                agents.Add((Agent(reader), reader.GetBoolean(10)));
        }

        return new(clock, live, agents);
    }

    /// <summary>Newest first, with how many there are; null when no agent is named so.</summary>
    public async Task<(IReadOnlyList<AgentVersion> Versions, int Total)?> VersionsAsync(string name, int limit, int offset, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            SELECT (SELECT count(*) FROM catalog.agent_version WHERE agent_id = agent.id), v.version, v.at, v.correlation_id
            FROM catalog.agent agent
            LEFT JOIN LATERAL (
                SELECT version, at, correlation_id FROM catalog.agent_version WHERE agent_id = agent.id ORDER BY version DESC LIMIT $2 OFFSET $3) v ON true
            WHERE agent.name = $1 AND agent.deleted_at IS NULL
            ORDER BY v.version DESC
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = offset });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        int? total = null;
        var versions = new List<AgentVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            total = (int)reader.GetInt64(0);
            if (!reader.IsDBNull(1))
                versions.Add(new(reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        }

        return total is { } count ? (versions, count) : null;
    }

    /// <summary>Null when there is no such agent, or it has no such version (any more).</summary>
    public async Task<AgentVersionText?> VersionAsync(string name, int version, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            SELECT v.at, v.correlation_id, v.fields::text, v.system_prompt
            FROM catalog.agent agent JOIN catalog.agent_version v ON v.agent_id = agent.id
            WHERE agent.name = $1 AND agent.deleted_at IS NULL AND v.version = $2
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = version });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) && TextOf(name, reader.GetString(2), reader.GetString(3)) is { } text
            ? new(version, reader.GetFieldValue<DateTimeOffset>(0), reader.IsDBNull(1) ? null : reader.GetString(1), MarkdownSecrets.Shown(text))
            : null;
    }

    private MadeAgent Agent(NpgsqlDataReader reader)
    {
        var name = reader.GetString(3);
        return new(reader.GetGuid(2), name, reader.GetInt32(4), reader.GetInt64(5), TextOf(name, reader.GetString(6), reader.GetString(7)),
            reader.GetFieldValue<DateTimeOffset>(8), reader.GetFieldValue<DateTimeOffset>(9));
    }

    // A row of another build of Jarvis, or of a hand at the database, costs itself and not the others.
    private string? TextOf(string name, string fields, string prompt)
    {
        try
        {
            return AgentMarkdown.Write(JsonSerializer.Deserialize<AgentDraft>(fields, JsonRules.Options)! with { SystemPrompt = prompt });
        }
        catch (Exception exception) when (exception is JsonException or NullReferenceException)
        {
            LogUnreadable(exception, name);
            return null;
        }
    }

    [LoggerMessage(EventId = 140, Level = LogLevel.Warning, Message = "The stored definition of agent {Name} cannot be read; the agent is not served")]
    private partial void LogUnreadable(Exception exception, string name);
}
