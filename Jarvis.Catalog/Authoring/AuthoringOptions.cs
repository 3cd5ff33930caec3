using System.ComponentModel.DataAnnotations;

namespace Jarvis.Catalog.Authoring;

/// <summary>The bounds of agents made here; section <c>Authoring</c>.</summary>
public sealed record AuthoringOptions
{
    /// <summary>Agents made here; one more is refused with 409.</summary>
    [Range(1, 100_000)]
    public int MaxAgents { get; init; } = 10_000;

    /// <summary>Bytes of all their files together, since every replica holds them in memory.</summary>
    [Range(1_048_576, 4L * 1_073_741_824)]
    public long MaxTotalBytes { get; init; } = 64L * 1_048_576;

    /// <summary>Agents that one account may have made here.</summary>
    [Range(1, 100_000)]
    public int MaxAgentsPerAccount { get; init; } = 2_000;

    /// <summary>Bytes of the files of the agents that one account made here.</summary>
    [Range(1_048_576, 4L * 1_073_741_824)]
    public long MaxBytesPerAccount { get; init; } = 16L * 1_048_576;

    /// <summary>Bytes of the versions of one agent; the oldest go first, and the current one stays.</summary>
    [Range(65_536, 1_073_741_824)]
    public long MaxHistoryBytesPerAgent { get; init; } = 2L * 1_048_576;

    /// <summary>Bytes of all versions together, looked at now and then; the oldest go first, and current ones stay.</summary>
    [Range(1_048_576, 64L * 1_073_741_824)]
    public long MaxHistoryBytes { get; init; } = 256L * 1_048_576;

    /// <summary>Versions of an agent that are kept, the current one among them.</summary>
    [Range(1, 10_000)]
    public int KeptVersions { get; init; } = 100;

    /// <summary>Seconds between two questions to Postgres for what other replicas changed, should its notification have been lost.</summary>
    [Range(1, 3_600)]
    public int PollSeconds { get; init; } = 5;
}
