using FsCheck;
using FsCheck.Fluent;
using Jarvis.Telemetry.Metrics;

namespace Jarvis.Telemetry.Tests.Metrics;

public sealed class PointPartitionTests
{
    private static readonly DateTimeOffset Day = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(14, 1)]
    [InlineData(60, 1)]
    [InlineData(61, 2)]
    [InlineData(3_650, 61)]
    public void Width_OfARetention_KeepsThePartitionsFew(int retention, int days) => Assert.Equal(days, PointPartition.Width(retention).TotalDays);

    [Fact]
    public void Missing_ForADay_IsTheDay() =>
        Assert.Equal(new PointPartition("point_20260601", Day, Day.AddDays(1)), PointPartition.Missing(Day.AddHours(23), TimeSpan.FromDays(1), []));

    [Fact]
    public void Missing_BesideWhatIsThere_CoversTheTimeAndOverlapsNothing() => Prop.ForAll<PositiveInt[]>(steps =>
    {
        var partitions = new List<PointPartition>();
        foreach (var step in steps)
        {
            var at = Day.AddHours(step.Get * 7_919L % 5_000);
            if (partitions.Exists(partition => partition.Covers(at)))
                continue;
            var missing = PointPartition.Missing(at, TimeSpan.FromDays(1 + (step.Get % 9)), partitions);
            if (!missing.Covers(at) || partitions.Exists(other => other.Name == missing.Name || (missing.From < other.Until && other.From < missing.Until)))
                return false;
            partitions.Add(missing);
        }
        return true;
    }).QuickCheckThrowOnFailure();
}
