using System.ComponentModel.DataAnnotations;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

/// <summary>Which traces are recorded once there is more to do than can be recorded; section <c>Telemetry:Sampling</c>, for each process by itself.</summary>
public sealed record SamplingOptions
{
    public const string Section = "Telemetry:Sampling";

    /// <summary>New traces a second that are recorded whoever asked; 0 records only those below.</summary>
    [Range(0, 1_000_000)]
    public int TracesPerSecond { get; init; } = 100;

    /// <summary>New traces a second that are recorded because the caller sent a correlation ID, or asked for it by <c>traceparent</c>.</summary>
    [Range(0, 1_000_000)]
    public int RequestedPerSecond { get; init; } = 500;

    /// <summary>Unrecorded requests and tasks a second that still get a span when they fail or are slow.</summary>
    [Range(0, 1_000_000)]
    public int LatePerSecond { get; init; } = 50;

    /// <summary>Milliseconds from which a request is slow.</summary>
    [Range(1, 3_600_000)]
    public int SlowMs { get; init; } = 1_000;

    /// <summary>
    /// Whether strangers reach this process. Their <c>traceparent</c> counts against <see cref="RequestedPerSecond"/>, and one that says "not recorded" is no more
    /// than none: many HTTP clients send that without being asked. In the processes behind it the caller is one of Jarvis' own, which is followed in all, so that
    /// no trace is cut in half.
    /// </summary>
    public bool Edge { get; init; }
}
