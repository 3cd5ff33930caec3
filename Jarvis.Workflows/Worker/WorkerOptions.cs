using System.ComponentModel.DataAnnotations;

namespace Jarvis.Workflows.Worker;

/// <summary>How tasks are worked off; section <c>Worker</c>.</summary>
public sealed record WorkerOptions
{
    /// <summary>Tasks that one process runs at a time.</summary>
    [Range(1, 1_000)]
    public int Concurrency { get; init; } = 8;

    /// <summary>Seconds that a claim lasts without being renewed; it is renewed at a third of it.</summary>
    [Range(2, 600)]
    public int LeaseSeconds { get; init; } = 30;

    /// <summary>Seconds between looks at the queue when no notification comes.</summary>
    [Range(1, 60)]
    public int PollSeconds { get; init; } = 2;

    /// <summary>Times that a task may lose its worker before it was sent; then it fails.</summary>
    [Range(1, 100)]
    public int MaxLostLeases { get; init; } = 5;

    /// <summary>Seconds from its acceptance that a task waits for an open circuit; then it fails with CIRCUIT_OPEN.</summary>
    [Range(1, 86_400)]
    public int CircuitDeadlineSeconds { get; init; } = 300;

    /// <summary>Seconds that running calls get to end when the process stops; at most three fifths of the time that the whole process has for it.</summary>
    [Range(0, 60)]
    public int DrainSeconds { get; init; } = 5;

    /// <summary>Seconds for which a result that Postgres does not take is offered again.</summary>
    [Range(1, 3_600)]
    public int RecordSeconds { get; init; } = 300;

    internal TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>From one renewal to the next.</summary>
    internal TimeSpan RenewAfter => Lease / 3;

    /// <summary>What one renewal may take. With the wait after a failure two may fail in a row before the lease ends.</summary>
    internal TimeSpan RenewWithin => Lease / 4;

    /// <summary>From a renewal that failed to the next try.</summary>
    internal TimeSpan RenewAgainAfter => Lease / 15;
}
