using System.ComponentModel.DataAnnotations;

namespace Jarvis.Workflows.Tasks;

/// <summary>Streams of a task's events; section <c>TaskEvents</c>.</summary>
public sealed record TaskEventsOptions
{
    /// <summary>Streams that one process serves at a time; more are 503. The last tenth is for accounts that have none yet.</summary>
    [Range(1, 10_000)]
    public int MaxStreams { get; init; } = 1_000;

    /// <summary>Of these, streams of one account.</summary>
    [Range(1, 10_000)]
    public int MaxStreamsPerUser { get; init; } = 20;

    /// <summary>Seconds without an event after which a comment shows that the stream lives.</summary>
    [Range(1, 60)]
    public int KeepAliveSeconds { get; init; } = 15;

    /// <summary>Milliseconds between two looks at the task when nobody says that it changed.</summary>
    [Range(100, 60_000)]
    public int PollMs { get; init; } = 1_000;

    /// <summary>Minutes after which a stream ends in any case; the client goes on where it was with <c>Last-Event-ID</c>.</summary>
    [Range(1, 1_440)]
    public int MaxMinutes { get; init; } = 60;
}
