using System.ComponentModel.DataAnnotations;

namespace Jarvis.Telemetry.Quotas;

/// <summary>
/// What one account may store on a day (UTC), and how many metrics there may be; section <c>Quotas</c>. Jarvis' own services have no
/// bound.
/// </summary>
public sealed record QuotaOptions
{
    /// <summary>Metric points of one account a day.</summary>
    [Range(1, 1_000_000_000_000)]
    public long PointsPerDay { get; init; } = 5_000_000;

    /// <summary>Bytes of spans and metric points of one account a day, about as they are stored.</summary>
    [Range(1_048_576, 1_000_000_000_000_000)]
    public long BytesPerDay { get; init; } = 2_147_483_648;

    /// <summary>Names of metrics that one account may begin a day.</summary>
    [Range(1, 10_000_000)]
    public long NewMetricsPerDay { get; init; } = 1_000;

    /// <summary>Metrics in all. A name goes when none of its points is kept any more.</summary>
    [Range(100, 10_000_000)]
    public int MaxMetrics { get; init; } = 50_000;
}
