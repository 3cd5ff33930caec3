using System.ComponentModel.DataAnnotations;

namespace Jarvis.Workflows.Retention;

/// <summary>How long ended tasks are kept; section <c>Retention</c>.</summary>
public sealed record RetentionOptions
{
    /// <summary>Days that a task is kept after its end, with its history, its result and its idempotency key.</summary>
    [Range(1, 3_650)]
    public int Days { get; init; } = 30;

    /// <summary>Seconds between two rounds of pruning.</summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; init; } = 600;

    /// <summary>Tasks that one statement deletes.</summary>
    [Range(1, 10_000)]
    public int BatchRows { get; init; } = 500;
}
