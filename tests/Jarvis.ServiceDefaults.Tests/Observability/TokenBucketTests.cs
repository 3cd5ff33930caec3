using Jarvis.ServiceDefaults.Observability.Sampling;
using Jarvis.ServiceDefaults.Tests.Circuits;

namespace Jarvis.ServiceDefaults.Tests.Observability;

public sealed class TokenBucketTests
{
    private readonly Clock _clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public void TryTake_WithinASecond_GivesTheRateAtOnceAndThenRefuses(int perSecond)
    {
        var bucket = new TokenBucket(perSecond, _clock);
        Assert.Equal(perSecond, Taken(bucket));
    }

    [Fact]
    public void TryTake_AfterAWhile_GivesWhatTheWhileBrought()
    {
        var bucket = new TokenBucket(10, _clock);
        Taken(bucket);
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(3, Taken(bucket));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Taken(bucket));
    }

    [Fact]
    public void TryTake_WithoutARate_GivesNothing() => Assert.False(new TokenBucket(0, _clock).TryTake());

    [Fact]
    public void Return_OfOne_GivesItAgain()
    {
        var bucket = new TokenBucket(5, _clock);
        Taken(bucket);
        bucket.Return();
        Assert.Equal(1, Taken(bucket));
    }

    [Fact]
    public void TryTake_FromManyThreads_GivesTheRateAndNoMore()
    {
        var bucket = new TokenBucket(1_000, _clock);
        var taken = 0;
        Parallel.For(0, 20_000, _ =>
        {
            if (bucket.TryTake())
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(1_000, taken);
    }

    private static int Taken(TokenBucket bucket)
    {
        var taken = 0;
        while (bucket.TryTake())
            taken++;
        return taken;
    }
}
