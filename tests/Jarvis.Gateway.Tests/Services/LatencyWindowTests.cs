using Jarvis.Gateway.Services;

namespace Jarvis.Gateway.Tests.Services;

public sealed class LatencyWindowTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Bucket_OfAnyDuration_EndsAtMostAnEighthAfterIt()
    {
        for (var ms = 0.07; ms < 120_000; ms *= 1.013)
        {
            var end = LatencyWindow.EndOf(LatencyWindow.BucketOf(ms));
            Assert.True(end >= ms && end <= ms * 1.1251, $"{ms} ms is in the bucket that ends at {end} ms");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e12)]
    public void Bucket_OfAnything_Exists(double ms) => Assert.InRange(LatencyWindow.BucketOf(ms), 0, LatencyWindow.Buckets - 1);

    [Fact]
    public void Percentiles_OfAThousand_AreNearTheTrueOnes()
    {
        var window = new LatencyWindow(TimeSpan.FromMinutes(5), _clock);
        var random = new Random(7);
        var all = Enumerable.Range(0, 1_000).Select(_ => Math.Exp(random.NextDouble() * 8)).ToArray();
        foreach (var ms in all)
            window.Add(TimeSpan.FromMilliseconds(ms), failed: ms > 1_000);
        Array.Sort(all);
        var counts = window.Read();
        Assert.InRange(counts.Percentile(0.5)!.Value, all[499], all[499] * 1.14);
        Assert.InRange(counts.Percentile(0.95)!.Value, all[949], all[949] * 1.14);
        Assert.Equal((1_000, all.Count(ms => ms > 1_000)), (counts.Total, counts.Errors));
    }

    [Fact]
    public void Window_ForgetsWhatIsOlder()
    {
        var window = new LatencyWindow(TimeSpan.FromSeconds(100), _clock);
        window.Add(TimeSpan.FromMilliseconds(5), failed: true);
        _clock.Advance(TimeSpan.FromSeconds(60));
        window.Add(TimeSpan.FromMilliseconds(50), failed: false);
        Assert.Equal((2, 1), (window.Read().Total, window.Read().Errors));
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((1, 0), (window.Read().Total, window.Read().Errors));
        _clock.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(0, window.Read().Total);
        Assert.Null(window.Read().Percentile(0.5));
    }

    [Fact]
    public async Task Window_CountedByManyThreads_LosesNothing()
    {
        var window = new LatencyWindow(TimeSpan.FromMinutes(5), _clock);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25_000; i++)
                window.Add(TimeSpan.FromMilliseconds(i % 100), failed: false);
        })));
        Assert.Equal(100_000, window.Read().Total);
    }

    [Fact]
    public void Traffic_OfTwoGateways_AddsUp()
    {
        ServiceFigures Of(double coveredMs, params double[] durations)
        {
            var counts = new long[LatencyWindow.Buckets];
            foreach (var ms in durations)
                counts[LatencyWindow.BucketOf(ms)]++;
            return new("catalog", coveredMs, durations.Length, 1, counts, 1);
        }
        var traffic = ServiceTraffic.Of([Of(60_000, 1, 1, 1), Of(30_000, 100)]);
        Assert.Equal((60_000L, 5.0, 0.5, 4L, 2L), (traffic.WindowMs, traffic.RequestsPerMinute, traffic.ErrorRate, traffic.TotalRequests, traffic.TotalRefused));
        Assert.InRange(traffic.P50Ms!.Value, 1, 1.13);
        Assert.InRange(traffic.P95Ms!.Value, 100, 113);
    }
}
