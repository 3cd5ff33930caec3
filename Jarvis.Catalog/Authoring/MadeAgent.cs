namespace Jarvis.Catalog.Authoring;

/// <summary>An agent made here, as it is stored.</summary>
/// <param name="Key">Its row's UUIDv7.</param>
/// <param name="Version">From 1, one more with every write.</param>
/// <param name="Change">The number of the write in all agents' writes: the same number means the same definition.</param>
/// <param name="Text">The <c>.md</c> file; null when the stored definition cannot be read.</param>
public sealed record MadeAgent(Guid Key, string Name, int Version, long Change, string? Text, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Where the file would lie.</summary>
    public string Path => $"agents/{Name}.md";
}

/// <summary>What changed since some number, read at one moment.</summary>
/// <param name="Clock">The number of the newest write.</param>
/// <param name="Live">How many agents there are.</param>
public sealed record MadeChanges(long Clock, int Live, IReadOnlyList<(MadeAgent Agent, bool Deleted)> Agents);

/// <summary>A page of an agent's versions, newest first.</summary>
public sealed record AgentVersionPage(IReadOnlyList<AgentVersion> Versions, ServiceDefaults.Lists.Pagination Pagination);

/// <summary>A version of an agent made here.</summary>
/// <param name="CorrelationId">Of the request that wrote it.</param>
public sealed record AgentVersion(int Version, DateTimeOffset At, string? CorrelationId);

/// <summary>A version with its text.</summary>
/// <param name="Content">The <c>.md</c> file that it was.</param>
public sealed record AgentVersionText(int Version, DateTimeOffset At, string? CorrelationId, string Content);

/// <summary>What a deletion answers.</summary>
public sealed record AgentDeleted(string Name, int Version, bool Deleted);
