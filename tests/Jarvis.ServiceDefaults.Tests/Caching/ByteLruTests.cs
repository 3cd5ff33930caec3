using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Caching;

namespace Jarvis.ServiceDefaults.Tests.Caching;

public sealed class ByteLruTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Value_ThatWasPut_IsFoundAndCounted()
    {
        var cache = Cache(10_000);
        Assert.True(cache.Put("a", "A", 100, cache.Generation));
        Assert.True(cache.TryGet("a", out var found));
        Assert.Equal("A", found);
        Assert.False(cache.TryGet("b", out _));
        var stats = cache.Stats("test");
        Assert.Equal(("test", "lru", 1, 1L, 1L, 0.5), (stats.Service, stats.Name, stats.Entries, stats.Hits, stats.Misses, stats.HitRate));
        Assert.True(stats.Bytes > 100);
    }

    [Fact]
    public void Room_IsMadeByWhatWasNotRead()
    {
        var cache = Cache(10_000, entries: 3);
        foreach (var key in (string[])["a", "b", "c"])
            cache.Put(key, key, 1, cache.Generation);
        Assert.True(cache.TryGet("a", out _));
        cache.Put("d", "d", 1, cache.Generation);
        Assert.True(cache.TryGet("a", out _));
        Assert.False(cache.TryGet("b", out _));
        Assert.Equal(1, cache.Stats("test").Evictions);
    }

    [Fact]
    public void Entry_OverItsShare_IsNotKept()
    {
        var cache = Cache(10_000);
        Assert.False(cache.Put("a", "A", 1_250, cache.Generation));
        Assert.Equal(0, cache.Stats("test").Entries);
    }

    [Fact]
    public void Entry_OlderThanItsTtl_IsGone()
    {
        var cache = Cache(10_000, ttl: TimeSpan.FromSeconds(2));
        cache.Put("a", "A", 1, cache.Generation);
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.True(cache.TryGet("a", out _));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(cache.TryGet("a", out _));
        Assert.Equal((0, 0L, 0L), (cache.Stats("test").Entries, cache.Stats("test").Bytes, cache.Stats("test").Evictions));
    }

    [Fact]
    public void Ttl_OfZero_KeepsNothing()
    {
        var cache = Cache(10_000, ttl: TimeSpan.Zero);
        Assert.False(cache.Put("a", "A", 1, cache.Generation));
    }

    [Fact]
    public void Value_MadeBeforeAClear_IsNotKeptAfterIt()
    {
        var cache = Cache(10_000);
        var generation = cache.Generation;
        cache.Clear();
        Assert.False(cache.Put("a", "old", 1, generation));
        Assert.False(cache.TryGet("a", out _));
        Assert.True(cache.Put("a", "new", 1, cache.Generation));
    }

    [Fact]
    public void Cache_UnderAnySequence_StaysInItsBoundsAndCountsItsBytes()
    {
        var steps = ArbMap.Default.ArbFor<(byte Key, ushort Size, byte Kind)[]>();
        Prop.ForAll(steps, sequence =>
        {
            var cache = Cache(4_000, entries: 8, ttl: TimeSpan.FromSeconds(10));
            foreach (var (key, size, kind) in sequence)
            {
                _clock.Advance(TimeSpan.FromSeconds(kind % 3));
                if (kind % 5 == 0)
                    cache.TryGet($"{key % 12}", out _);
                else if (kind == 255)
                    cache.Clear();
                else
                    cache.Put($"{key % 12}", "value", size % 600, cache.Generation);
                var stats = cache.Stats("test");
                Assert.InRange(stats.Entries, 0, 8);
                Assert.InRange(stats.Bytes, 0, 4_000);
                Assert.Equal(stats.Entries == 0, stats.Bytes == 0);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public async Task Cache_UsedByManyThreads_StaysWhole()
    {
        var cache = Cache(20_000, entries: 20);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var key = $"{(i * (worker + 1)) % 50}";
                if (cache.TryGet(key, out var found))
                    Assert.Equal(key, found);
                else
                    cache.Put(key, key, i % 500, cache.Generation);
                if (i % 5_000 == 0)
                    cache.Clear();
            }
        })));
        var stats = cache.Stats("test");
        Assert.Equal(80_000, stats.Hits + stats.Misses);
        Assert.InRange(stats.Entries, 1, 20);
    }

    private ByteLru<string> Cache(long bytes, int entries = 1_000, TimeSpan? ttl = null) =>
        new(new ByteLruOptions("lru", bytes) { MaxEntries = entries, Ttl = ttl }, _clock);

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
