namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>How one circuit of one process stands.</summary>
/// <param name="Name">What is behind it, such as <c>n8n</c>.</param>
/// <param name="State"><c>closed</c>, <c>open</c>, <c>half_open</c> or <c>isolated</c>.</param>
/// <param name="Failures">Requests that failed within <paramref name="WindowMs"/>.</param>
/// <param name="Successes">Requests that did not, within the same time.</param>
/// <param name="WindowMs">Milliseconds over which the circuit looks back.</param>
/// <param name="Since">When it came into this state.</param>
/// <param name="NextProbeAt">From when on an open circuit lets one request try; null in every other state.</param>
/// <param name="LastFailure">What went wrong last, in a few words.</param>
/// <param name="Reason">Why it is isolated, as whoever isolated it said.</param>
public sealed record CircuitReport(
    string Service, string Instance, string Name, string State, long Failures, long Successes, long WindowMs, DateTimeOffset Since, DateTimeOffset? NextProbeAt,
    string? LastFailure, DateTimeOffset? LastFailureAt, string? Reason);

/// <summary>The states of a circuit, as the contract names them.</summary>
public static class CircuitStates
{
    public const string Closed = "closed";
    public const string Open = "open";
    public const string HalfOpen = "half_open";
    public const string Isolated = "isolated";
}
