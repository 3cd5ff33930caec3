namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>Successes and failures of the last <paramref name="window"/>, in ten slots; counting takes no lock.</summary>
internal sealed class SlidingCounts(TimeSpan window, TimeProvider time)
{
    private const int Slots = 10;
    private readonly Slot[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new Slot(-1))];
    private readonly long _width = Math.Max(1, (long)(window.TotalSeconds * time.TimestampFrequency) / Slots);

    public TimeSpan Window => window;

    public void Add(bool failed)
    {
        var number = time.GetTimestamp() / _width;
        ref var place = ref _slots[(int)(number % Slots)];
        var slot = Volatile.Read(ref place);
        if (slot.Number != number)
        {
            // Whoever comes second counts in the first one's.
            var fresh = new Slot(number);
            var before = Interlocked.CompareExchange(ref place, fresh, slot);
            slot = ReferenceEquals(before, slot) ? fresh : before;
        }
        if (failed)
            Interlocked.Increment(ref slot.Failures);
        else
            Interlocked.Increment(ref slot.Successes);
    }

    public (long Failures, long Successes) Sum()
    {
        var oldest = (time.GetTimestamp() / _width) - Slots + 1;
        var good = _slots.Where(slot => slot.Number >= oldest).ToArray();
        return (good.Sum(slot => Volatile.Read(ref slot.Failures)), good.Sum(slot => Volatile.Read(ref slot.Successes)));
    }

    private sealed class Slot(long number)
    {
        public long Failures;
        public long Successes;

        public long Number => number;
    }
}
