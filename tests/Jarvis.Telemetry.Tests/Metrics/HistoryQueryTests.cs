using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Telemetry.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Jarvis.Telemetry.Tests.Metrics;

public sealed class HistoryQueryTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", 3_600, 15)]
    [InlineData("&time_range=15m", 900, 5)]
    [InlineData("&time_range=24h", 86_400, 300)]
    [InlineData("&time_range=7d", 604_800, 3_600)]
    [InlineData("&time_range=1h&step=5m", 3_600, 300)]
    [InlineData("&since=2026-06-01T11:00:00Z&until=2026-06-01T11:10:00Z", 600, 2)]
    public void Read_ARange_ChoosesAStep(string query, int seconds, int step)
    {
        var read = Read($"?metric_name=lamps.lit{query}");
        Assert.Equal((seconds, step, "avg"), ((int)(read.Until - read.Since).TotalSeconds, (int)read.Step.TotalSeconds, read.Aggregate));
    }

    [Theory]
    [InlineData("", "metric_name")]
    [InlineData("?metric_name=A%20b&time_range=x&step=0s&aggregate=mode", "metric_name,time_range,step,aggregate")]
    [InlineData("?metric_name=a&time_range=24h&step=1s", "step")]
    [InlineData("?metric_name=a&since=2026-06-02T00:00:00Z", "since")]
    [InlineData("?metric_name=a&since=0001-01-01T00:00:00Z", "since,step")]
    [InlineData("?metric_name=a&until=0001-01-01T00:00:00Z", "since")]
    [InlineData("?metric_name=a&since=2026-06-01T00:00:00Z&time_range=1h", "time_range")]
    [InlineData("?metric_name=a&since=yesterday", "since")]
    [InlineData("?metric_name=a&tag=room&group_by=a%00b", "group_by,tag")]
    [InlineData("?metric_name=a&tag=:hall", "tag")]
    [InlineData("?metric_name=a&tag=a:1&tag=b:1&tag=c:1&tag=d:1&tag=e:1&tag=f:1", "tag")]
    [InlineData("?metric_name=host.cpu.percent&group_by=room", "group_by")]
    public void Read_WrongParameters_NamesEveryOne(string query, string fields) =>
        Assert.Equal(fields.Split(','), Assert.Throws<FailureException>(() => Read(query)).Failure.Errors!.Keys);

    [Theory]
    [InlineData("?metric_name=lamps.lit", null)]
    [InlineData("?metric_name=lamps.lit&group_by=room", "room")]
    [InlineData("?metric_name=host.cpu.percent", "host")]
    [InlineData("?metric_name=host.cpu.percent&group_by=host", "host")]
    [InlineData("?metric_name=host.cpu.percent&tag=host:alpha", null)]
    [InlineData("?metric_name=host.cpu.percent&tag=host:alpha&group_by=room", "room")]
    public void Read_AMetricOfHosts_IsReadByHostUnlessOneIsGiven(string query, string? readBy) => Assert.Equal(readBy, Read(query).ReadBy);

    [Fact]
    public void Read_Tags_KeepsColonsOfTheirValues() =>
        Assert.Equal([("url", "http://x"), ("room", "")], Read("?metric_name=a&tag=url:http://x&tag=room:").Tags);

    [Fact]
    public void StepFor_AnyRange_StaysWithinTheBuckets() => Prop.ForAll<PositiveInt, PositiveInt>((range, offset) =>
    {
        var until = Now.AddSeconds(offset.Get);
        var since = until.AddSeconds(-(range.Get * 9_973L % 315_360_000) - 1);
        return HistoryQuery.Buckets(since, until, HistoryQuery.StepFor(until - since)) is >= 1 and <= HistoryQuery.MaxBuckets;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("2w", 1_209_600)]
    [InlineData("0s", 0)]
    [InlineData("-1h", 0)]
    [InlineData("1y", 0)]
    [InlineData("h", 0)]
    [InlineData("99999999999d", 0)]
    [InlineData("2000000000w", 0)]
    public void TryParse_ADuration_IsReadOrRefused(string text, int seconds)
    {
        Assert.Equal(seconds > 0, HistoryQuery.TryParse(text, out var duration));
        Assert.Equal(seconds, (int)duration.TotalSeconds);
    }

    private static HistoryQuery Read(string query)
    {
        var reader = new QueryReader(new QueryCollection(QueryHelpers.ParseQuery(query)));
        var read = HistoryQuery.Read(reader, Now);
        reader.ThrowIfWrong();
        return read;
    }
}
