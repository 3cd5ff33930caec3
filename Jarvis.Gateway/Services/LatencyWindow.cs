using System.Numerics;

namespace Jarvis.Gateway.Services;

/// <summary>
/// Durations of the last <paramref name="window"/> in a log-linear histogram: eight buckets for each doubling, so that a percentile is at most an eighth too high.
/// Counting takes no lock.
/// </summary>
internal sealed class LatencyWindow(TimeSpan window, TimeProvider time)
{
    /// <summary>Buckets of a histogram: from a sixteenth of a millisecond to about two minutes.</summary>
    public const int Buckets = 1 + (Octaves * Steps);

    private const int Octaves = 21;
    private const int Steps = 8;
    private const int UnitsPerMs = 16;
    private const int Slots = 10;

    private readonly Slot?[] _slots = new Slot?[Slots];
    private readonly long _width = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency) / Slots);

    public void Add(TimeSpan elapsed, bool failed)
    {
        var slot = Current();
        Interlocked.Increment(ref slot.Counts[BucketOf(elapsed.TotalMilliseconds)]);
        if (failed)
            Interlocked.Increment(ref slot.Errors);
    }

    public LatencyCounts Read()
    {
        var counts = new long[Buckets];
        var errors = 0L;
        var oldest = (time.GetTimestamp() / _width) - Slots + 1;
        foreach (var slot in _slots)
        {
            if (slot is null || slot.Number < oldest)
                continue;
            errors += Volatile.Read(ref slot.Errors);
            for (var i = 0; i < Buckets; i++)
                counts[i] += Volatile.Read(ref slot.Counts[i]);
        }
        return new(counts, errors);
    }

    /// <summary>The bucket of a duration; what is longer than all is in the last.</summary>
    public static int BucketOf(double milliseconds)
    {
        var units = milliseconds * UnitsPerMs;
        if (!(units >= 1))
            return 0;
        var whole = (ulong)Math.Min(units, uint.MaxValue);
        var octave = BitOperations.Log2(whole);
        var step = (int)(((units / (1UL << octave)) - 1) * Steps);
        return Math.Min(1 + (octave * Steps) + Math.Clamp(step, 0, Steps - 1), Buckets - 1);
    }

    /// <summary>Where a bucket ends, in milliseconds.</summary>
    public static double EndOf(int bucket) =>
        bucket == 0 ? 1.0 / UnitsPerMs : (1UL << ((bucket - 1) / Steps)) * (1 + ((((bucket - 1) % Steps) + 1) / (double)Steps)) / UnitsPerMs;

    private Slot Current()
    {
        var number = time.GetTimestamp() / _width;
        ref var place = ref _slots[(int)(number % Slots)];
        var slot = Volatile.Read(ref place);
        if (slot?.Number == number)
            return slot;
        // Whoever comes second counts in the first one's.
        var fresh = new Slot(number);
        var before = Interlocked.CompareExchange(ref place, fresh, slot);
        return ReferenceEquals(before, slot) ? fresh : before!;
    }

    private sealed class Slot(long number)
    {
        public readonly int[] Counts = new int[Buckets];
        public long Errors;

        public long Number => number;
    }
}

/// <summary>What a <see cref="LatencyWindow"/> holds; those of several replicas add up.</summary>
internal sealed record LatencyCounts(IReadOnlyList<long> Counts, long Errors)
{
    public static LatencyCounts None { get; } = new(new long[LatencyWindow.Buckets], 0);

    public long Total => Counts.Sum();

    /// <summary>Milliseconds within which <paramref name="share"/> (0 to 1) of all were done; null when there were none.</summary>
    public double? Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Total);
        if (Total == 0)
            return null;
        var seen = 0L;
        for (var i = 0; i < Counts.Count; i++)
        {
            seen += Counts[i];
            if (seen >= Math.Max(1, rank))
                return Math.Round(LatencyWindow.EndOf(i), 2);
        }
        return Math.Round(LatencyWindow.EndOf(Counts.Count - 1), 2);
    }

    public LatencyCounts Plus(LatencyCounts other) =>
        new([.. Counts.Zip(other.Counts, (one, another) => one + another)], Errors + other.Errors);
}
