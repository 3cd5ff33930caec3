using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Health;

/// <summary>How the services' health is gathered; section <c>Health</c>.</summary>
public sealed record ServicesHealthOptions
{
    /// <summary>Milliseconds for which a gathered state is good, so that a thousand probes cost one.</summary>
    [Range(0, 60_000)]
    public int CacheMs { get; init; } = 2_000;

    /// <summary>Milliseconds after which a service that has not answered is down.</summary>
    [Range(50, 30_000)]
    public int TimeoutMs { get; init; } = 3_000;

    /// <summary>Milliseconds that a probe waits for a new state while there is one that is only a little too old; then it gets that one.</summary>
    [Range(0, 30_000)]
    public int PatienceMs { get; init; } = 500;

    /// <summary>Services without which Jarvis as a whole is still only degraded.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];
}
