using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary>
/// A cache bounded in bytes and entries. Reading takes no lock: an entry that was read is only marked, and who has to make room passes over it once
/// (second chance, an approximation of least recently used). Whoever fills it takes <see cref="Generation"/> before making the value, so that nothing made
/// before a <see cref="Clear"/> is kept after it.
/// </summary>
public sealed class ByteLru<TValue>(ByteLruOptions options, TimeProvider time) : ICountedCache
    where TValue : class
{
    // A node, its place in the list and in the table, roughly.
    private const int EntryOverhead = 200;

    private readonly ConcurrentDictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = [];
    private readonly Lock _filling = new();
    private long _bytes;
    private long _generation;
    private long _hits;
    private long _misses;
    private long _evictions;

    public string Name => options.Name;

    /// <summary>Moves with every <see cref="Clear"/>.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>The value, if it is there and not too old; not finding it counts as a miss when <paramref name="countMiss"/> is set.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out TValue? value, bool countMiss = true)
    {
        if (_entries.TryGetValue(key, out var node) && IsGood(node.Value))
        {
            var entry = node.Value;
            if (!entry.Read)
                entry.Read = true;
            Interlocked.Increment(ref _hits);
            value = entry.Value;
            return true;
        }
        if (countMiss)
            Interlocked.Increment(ref _misses);
        value = null;
        return false;
    }

    /// <summary>Keeps <paramref name="value"/>, unless it is too large or the cache was cleared since <paramref name="generation"/>.</summary>
    /// <param name="bytes">What the value holds in memory.</param>
    /// <param name="asked">The timestamp from which its age counts, when that is earlier than now: a value is as old as the question to it.</param>
    /// <returns>Whether it was kept.</returns>
    public bool Put(string key, TValue value, long bytes, long generation, long? asked = null)
    {
        var size = bytes + (2L * key.Length) + EntryOverhead;
        if (size > options.MaxBytes / options.LargestShare || options.MaxEntries == 0 || options.Ttl <= TimeSpan.Zero)
            return false;
        lock (_filling)
        {
            if (generation != _generation)
                return false;
            if (_entries.TryGetValue(key, out var old))
                Remove(old);
            MakeRoom(size);
            _entries[key] = _order.AddLast(new Entry(key, value, size, asked ?? time.GetTimestamp()));
            _bytes += size;
            return true;
        }
    }

    public void Clear()
    {
        lock (_filling)
        {
            Interlocked.Increment(ref _generation);
            _entries.Clear();
            _order.Clear();
            _bytes = 0;
        }
    }

    public CacheStats Stats(string service)
    {
        lock (_filling)
        {
            DropOld();
            var (hits, misses) = (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));
            return new(service, Name, _order.Count, _bytes, options.MaxBytes, hits, misses,
                hits + misses == 0 ? 0 : Math.Round((double)hits / (hits + misses), 4), _evictions, options.Ttl?.TotalMilliseconds);
        }
    }

    private bool IsGood(Entry entry) => options.Ttl is not { } ttl || time.GetElapsedTime(entry.Made) < ttl;

    private void MakeRoom(long size)
    {
        DropOld();
        while (_order.First is { } first && (_bytes + size > options.MaxBytes || _order.Count >= options.MaxEntries))
        {
            if (first.Value.Read && IsGood(first.Value))
            {
                first.Value.Read = false;
                _order.RemoveFirst();
                _order.AddLast(first);
                continue;
            }
            Remove(first);
            _evictions++;
        }
    }

    /// <summary>The oldest stand in front, except for those that had a second chance.</summary>
    private void DropOld()
    {
        while (_order.First is { } first && !IsGood(first.Value))
            Remove(first);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.TryRemove(node.Value.Key, out _);
        _order.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private sealed class Entry(string key, TValue value, long bytes, long made)
    {
        public string Key { get; } = key;

        public TValue Value { get; } = value;

        public long Bytes { get; } = bytes;

        public long Made { get; } = made;

        /// <summary>Read since it came to its place in the order. Written without a lock: a lost mark costs an eviction, nothing else.</summary>
        public bool Read { get; set; }
    }
}
