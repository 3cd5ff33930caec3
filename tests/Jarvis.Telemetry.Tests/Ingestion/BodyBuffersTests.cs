using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class BodyBuffersTests
{
    [Fact]
    public void LargeBuffers_GivenBack_AreKeptInASmallNumber()
    {
        // The largest: of a smaller one that is used up, a larger one is given.
        const int Size = 64 * 1_048_576;
        const int Count = 8;
        var all = Enumerable.Range(0, Count).Select(_ => BodyBuffers.Rent(Size)).ToHashSet();
        foreach (var buffer in all)
            BodyBuffers.Return(buffer);
        var again = Enumerable.Range(0, Count).Select(_ => BodyBuffers.Rent(Size)).ToList();
        Assert.True(again.Count(all.Contains) <= 2, "More than two large buffers were kept.");
        again.ForEach(BodyBuffers.Return);
    }

    [Fact]
    public void Buffer_ThatGrows_KeepsItsContent()
    {
        var small = BodyBuffers.Rent(1_000);
        Random.Shared.NextBytes(small);
        var copy = small.ToArray();
        var large = BodyBuffers.Grow(small);
        Assert.True(large.Length >= 4 * copy.Length);
        Assert.Equal(copy, large[..copy.Length]);
        BodyBuffers.Return(large);
    }
}
