using System.ComponentModel.DataAnnotations;

namespace Jarvis.Telemetry.Retention;

/// <summary>How long telemetry is kept; section <c>Retention</c>.</summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// Days that spans and metric points are kept, by their own time; points go when the whole of their day (UTC) is older.
    /// </summary>
    [Range(1, 3_650)]
    public int Days { get; init; } = 14;

    /// <summary>Seconds between two rounds of pruning.</summary>
    [Range(1, 86_400)]
    public int IntervalSeconds { get; init; } = 600;

    /// <summary>Rows that one statement deletes.</summary>
    [Range(1, 100_000)]
    public int BatchRows { get; init; } = 5_000;
}
