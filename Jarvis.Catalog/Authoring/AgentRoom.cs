using Jarvis.ServiceDefaults.Errors;
using NpgsqlTypes;

namespace Jarvis.Catalog.Authoring;

/// <summary>How much there is of agents made here beside one, whose place is what is asked about: in all, and of the account that made it.</summary>
/// <param name="IsTaken">Whether the name has an agent.</param>
internal sealed record AgentRoom(int Count, long Bytes, bool IsTaken, string? Account, int CountOfAccount, long BytesOfAccount)
{
    /// <summary>Reads it within a write, so that it still holds at the commit.</summary>
    /// <param name="write">The write.</param>
    /// <param name="name">The agent; what is replaced makes room, for the account that made it.</param>
    /// <param name="account">Who makes it when there is none of that name; null for a service, which has no bounds of its own.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<AgentRoom> ReadAsync(AgentWrite write, string name, string? account, CancellationToken cancellationToken)
    {
        await using var command = write.Command(
            """
            WITH owner AS (SELECT coalesce((SELECT created_by FROM catalog.agent WHERE name = $1 AND deleted_at IS NULL), $2) AS account)
            SELECT count(id), coalesce(sum(size_bytes) FILTER (WHERE name <> $1), 0), coalesce(bool_or(name = $1), false), account,
                   count(id) FILTER (WHERE created_by = account AND name <> $1), coalesce(sum(size_bytes) FILTER (WHERE created_by = account AND name <> $1), 0)
            FROM owner LEFT JOIN catalog.agent ON deleted_at IS NULL
            GROUP BY account
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = (object?)account ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new((int)reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2), reader.IsDBNull(3) ? null : reader.GetString(3), (int)reader.GetInt64(4), reader.GetInt64(5));
    }

    /// <summary>Refuses one agent more than is allowed.</summary>
    /// <exception cref="FailureException">409.</exception>
    public void CheckCount(AuthoringOptions options)
    {
        if (Count >= options.MaxAgents)
            throw Failure.Conflict($"There are {Count} agents made here, and Authoring:MaxAgents allows no more: delete one first.").AsException();
        if (Account is not null && CountOfAccount >= options.MaxAgentsPerAccount)
            throw Failure.Conflict($"Your account has made {CountOfAccount} agents here, and Authoring:MaxAgentsPerAccount allows no more: delete one first.").AsException();
    }

    /// <summary>Refuses a text for which there is no room.</summary>
    /// <exception cref="FailureException">409.</exception>
    public void CheckBytes(AuthoringOptions options, int bytes)
    {
        if (Bytes + bytes > options.MaxTotalBytes)
            throw Failure.Conflict($"With it the agents made here would be larger than the {options.MaxTotalBytes} bytes that Authoring:MaxTotalBytes allows: delete one first.").AsException();
        if (Account is not null && BytesOfAccount + bytes > options.MaxBytesPerAccount)
        {
            throw Failure.Conflict($"With it the agents that its account made here would be larger than the {options.MaxBytesPerAccount} bytes that Authoring:MaxBytesPerAccount allows: delete one first.")
                .AsException();
        }
    }
}
