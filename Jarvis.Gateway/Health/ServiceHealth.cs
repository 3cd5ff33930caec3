using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Health;

namespace Jarvis.Gateway.Health;

/// <summary>Jarvis as a whole: <c>healthy</c>, <c>degraded</c>, or <c>unhealthy</c> when something that is required is down.</summary>
/// <param name="CheckedAt">When this was found out; a moment ago.</param>
/// <param name="Parts">What the services depend on: Postgres, Redis, n8n, providers, as they themselves say.</param>
public sealed record OverallHealth(
    string Status, DateTimeOffset CheckedAt, IReadOnlyDictionary<string, ServiceHealth> Services, IReadOnlyDictionary<string, PartHealth> Parts)
{
    /// <summary>Only what anybody may know: details are for those who are signed in.</summary>
    public OverallHealth Public() => this with
    {
        Services = Services.ToDictionary(service => service.Key, service => service.Value.Public(), StringComparer.Ordinal),
        Parts = Parts.ToDictionary(part => part.Key, part => part.Value.Public(), StringComparer.Ordinal),
    };
}

/// <summary>One service, over all its addresses.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Required">Whether Jarvis is unhealthy without it.</param>
/// <param name="LatencyMs">How long the slowest address took to say so, in milliseconds.</param>
/// <param name="Since">When it came into this state, as the first of the gateways saw it.</param>
/// <param name="Replicas">How many processes there are, and how many of them answer. Without Redis, which knows them, it counts the addresses at which they are reached.</param>
/// <param name="Checks">What the service itself checks (postgres, redis, …).</param>
public sealed record ServiceHealth(
    string Status,
    bool Required,
    double LatencyMs,
    DateTimeOffset Since,
    ReplicaCount Replicas,
    IReadOnlyDictionary<string, HealthCheckAnswer> Checks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail)
{
    /// <inheritdoc cref="OverallHealth.Public"/>
    public ServiceHealth Public() => this with { Checks = Checks.ToDictionary(check => check.Key, check => check.Value with { Detail = null }, StringComparer.Ordinal) };
}

/// <summary>Something that services depend on, as all who use it say.</summary>
/// <param name="Status">The worst that one of them says; <c>not_configured</c> when all say that nobody has named it; <c>unknown</c> while none of them answers.</param>
/// <param name="Required">Whether a required service is down without it.</param>
/// <param name="LatencyMs">How long the slowest check took, in milliseconds.</param>
/// <param name="Since">When it came into this state, as the first of the gateways saw it.</param>
/// <param name="UsedBy">The services that depend on it.</param>
public sealed record PartHealth(
    string Status,
    bool Required,
    double? LatencyMs,
    DateTimeOffset Since,
    IReadOnlyList<string> UsedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail)
{
    /// <inheritdoc cref="OverallHealth.Public"/>
    public PartHealth Public() => this with { Detail = null };
}

/// <summary>Processes that the gateway knows, and those of them that answer.</summary>
public sealed record ReplicaCount(int Known, int Answering)
{
    /// <summary>The processes behind these addresses, of which Redis knows <paramref name="processes"/>: several may share one address, and are there when it answers.</summary>
    public ReplicaCount Of(int processes) => processes <= Known ? this : new(processes, Answering == Known ? processes : Answering);
}

internal static class States
{
    public const string Healthy = "healthy";
    public const string Degraded = "degraded";
    public const string Unhealthy = "unhealthy";
    public const string Unknown = "unknown";

    /// <summary>Of several, the worst; what is configured for one of them only is as well as that one says.</summary>
    public static int Severity(string status) => status switch { NotConfigured.Status => -1, Healthy => 0, Degraded => 1, _ => 2 };

    /// <summary>Whether nothing is amiss.</summary>
    public static bool IsWell(string status) => status is Healthy or NotConfigured.Status;
}
