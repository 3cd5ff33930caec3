using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Services;

/// <summary>How the gateway looks after the services behind it; section <c>Services</c>.</summary>
public sealed record ServiceOptions
{
    /// <summary>Milliseconds that instances have to answer a question or a command that goes to all of them.</summary>
    [Range(100, 30_000)]
    public int AskMs { get; init; } = 2_000;

    /// <summary>Milliseconds for which what all instances said (circuits, caches, figures) is good.</summary>
    [Range(0, 60_000)]
    public int CacheMs { get; init; } = 1_000;

    /// <summary>Seconds over which latency and errors are counted.</summary>
    [Range(10, 3_600)]
    public int WindowSeconds { get; init; } = 300;

    /// <summary>Whether the gateway has a circuit for each service.</summary>
    public bool Circuits { get; init; } = true;

    /// <summary>The share of requests that a service does not answer at all at which its circuit opens.</summary>
    [Range(0.01, 1.0)]
    public double FailureRatio { get; init; } = 0.9;

    /// <summary>Requests within the sampling time below which the circuit stays closed.</summary>
    [Range(2, 100_000)]
    public int MinimumThroughput { get; init; } = 20;

    /// <summary>Seconds over which the circuit counts.</summary>
    [Range(1, 3_600)]
    public int SamplingSeconds { get; init; } = 5;

    /// <summary>Milliseconds that an open circuit waits before it lets one request try.</summary>
    [Range(500, 60_000)]
    public int BreakMs { get; init; } = 1_000;
}
