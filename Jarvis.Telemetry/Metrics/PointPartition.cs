namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// A partition of <c>telemetry.point</c>: the points from <paramref name="From"/> on and before <paramref name="Until"/>.
/// </summary>
/// <param name="Name">Its table, without the schema.</param>
internal sealed record PointPartition(string Name, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>Partitions that a retention is cut into at the most, about: each costs every statement a little.</summary>
    private const int MostOfARetention = 60;

    public bool Covers(DateTimeOffset at) => at >= From && at < Until;

    /// <summary>A day, and whole days more where points are kept so long that days would be too many.</summary>
    public static TimeSpan Width(int retentionDays) => TimeSpan.FromDays((retentionDays + MostOfARetention - 1) / MostOfARetention);

    /// <summary>
    /// The partition that is missing for <paramref name="at"/>: as wide as is wanted, aligned to 1970, and cut where it would overlap one that is there (of another width,
    /// when the retention was changed).
    /// </summary>
    public static PointPartition Missing(DateTimeOffset at, TimeSpan width, IEnumerable<PointPartition> present)
    {
        var from = DateTimeOffset.UnixEpoch + (Math.Floor((at - DateTimeOffset.UnixEpoch) / width) * width);
        var until = from + width;
        foreach (var other in present)
        {
            if (other.Until <= at && other.Until > from)
                from = other.Until;
            else if (other.From > at && other.From < until)
                until = other.From;
        }
        return new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"point_{from.UtcDateTime:yyyyMMdd}"), from, until);
    }
}
