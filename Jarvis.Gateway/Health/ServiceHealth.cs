using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Health;

namespace Jarvis.Gateway.Health;

/// <summary>Jarvis as a whole: <c>healthy</c>, <c>degraded</c>, or <c>unhealthy</c> when a part that is required is down.</summary>
public sealed record OverallHealth(string Status, DateTimeOffset CheckedAt, IReadOnlyDictionary<string, ServiceHealth> Services);

/// <summary>One service, over all its replicas.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
/// <param name="Required">Whether Jarvis is unhealthy without it.</param>
/// <param name="LatencyMs">How long the slowest replica took to say so, in milliseconds.</param>
/// <param name="Since">When it came into this state, as this gateway saw it.</param>
/// <param name="Replicas">How many there are, and how many answered.</param>
/// <param name="Checks">What the service itself checks (postgres, redis, …).</param>
public sealed record ServiceHealth(
    string Status,
    bool Required,
    double LatencyMs,
    DateTimeOffset Since,
    ReplicaCount Replicas,
    IReadOnlyDictionary<string, HealthCheckAnswer> Checks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail);

/// <summary>Replicas that the gateway knows, and those of them that answered.</summary>
public sealed record ReplicaCount(int Known, int Answering);
