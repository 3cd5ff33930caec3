using Jarvis.Gateway.Health;

namespace Jarvis.Gateway.Services;

/// <summary>Every service of Jarvis, and what they depend on.</summary>
/// <param name="Parts">What the services depend on, as <c>GET /health</c> tells it: Postgres, Redis, n8n, providers; <c>not_configured</c> what nobody has named.</param>
/// <param name="Gateways">Replicas of the gateway whose figures are in this.</param>
/// <param name="Partial">Whether there may be more replicas than are told, since Redis, which knows them, is away for this gateway or for a service.</param>
internal sealed record ServicesAnswer(IReadOnlyList<ServiceRow> Services, IReadOnlyDictionary<string, PartHealth> Parts, int Gateways, bool Partial);

/// <summary>One service.</summary>
/// <param name="Health"><c>healthy</c>, <c>degraded</c>, <c>unhealthy</c>, or <c>unknown</c> for one that the gateway passes nothing on to.</param>
/// <param name="Required">Whether Jarvis is unhealthy without it.</param>
/// <param name="Since">When it came into this state, as the first of the gateways saw it.</param>
/// <param name="Replicas">Its processes; without Redis the addresses at which they are reached.</param>
/// <param name="Instances">Its processes; none without Redis.</param>
/// <param name="Circuit">The worst state of its circuit at the gateways: <c>closed</c>, <c>half_open</c>, <c>open</c> or <c>isolated</c>; null where there is none.</param>
/// <param name="Traffic">Requests that the gateways passed on to it; null for one that they pass nothing on to.</param>
internal sealed record ServiceRow(
    string Name, string Health, bool Required, DateTimeOffset? Since, int Replicas, IReadOnlyList<ServiceInstance> Instances, string? Circuit, ServiceTraffic? Traffic);

/// <summary>One process.</summary>
internal sealed record ServiceInstance(string Instance, string Version, DateTimeOffset StartedAt, long UptimeMs);

/// <summary>What was passed on to a service; what the gateway answers from memory is not in it.</summary>
/// <param name="WindowMs">Milliseconds that are looked back for all but the totals.</param>
/// <param name="ErrorRate">The share, 0 to 1, that was answered with 5xx or not at all.</param>
/// <param name="P50Ms">Milliseconds until the headers of the answer, for half of all; at most an eighth too high.</param>
/// <param name="P95Ms">The same for 95 of a hundred.</param>
/// <param name="TotalRequests">Since the gateways started.</param>
/// <param name="TotalRefused">Refused since then because the circuit was open.</param>
internal sealed record ServiceTraffic(
    long WindowMs, double RequestsPerMinute, double ErrorRate, double? P50Ms, double? P95Ms, long TotalRequests, long TotalRefused)
{
    /// <summary>The figures of all gateways together.</summary>
    public static ServiceTraffic Of(IReadOnlyCollection<ServiceFigures> figures)
    {
        var latency = figures.Aggregate(LatencyCounts.None, (sum, one) => sum.Plus(one.Latency));
        // Each gateway's own time: one that has just started has seen little, and in little time.
        var perMinute = figures.Sum(one => one.CoveredMs > 0 ? one.Latency.Total * 60_000.0 / one.CoveredMs : 0);
        return new(
            (long)figures.Select(one => one.CoveredMs).DefaultIfEmpty().Max(), Math.Round(perMinute, 2), latency.Total == 0 ? 0 : Math.Round((double)latency.Errors / latency.Total, 4),
            latency.Percentile(0.5), latency.Percentile(0.95), figures.Sum(one => one.Total), figures.Sum(one => one.Refused));
    }
}
