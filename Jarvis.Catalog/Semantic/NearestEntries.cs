using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Semantic;

/// <summary>An entry of a snapshot and how near it is.</summary>
/// <param name="Entry">Its index in the snapshot's entries.</param>
/// <param name="Score">The cosine.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ScoredEntry(int Entry, float Score)
{
    /// <summary>The better one is less; equals keep the snapshot's order.</summary>
    public static int Compare(ScoredEntry left, ScoredEntry right) =>
        right.Score.CompareTo(left.Score) is var byScore and not 0 ? byScore : left.Entry.CompareTo(right.Entry);
}

/// <summary>The best so many of all that are offered, in a heap whose top is the worst of them.</summary>
public sealed class NearestEntries(int capacity)
{
    private static readonly Comparer<ScoredEntry> WorstFirst = Comparer<ScoredEntry>.Create((left, right) => ScoredEntry.Compare(right, left));

    private readonly PriorityQueue<ScoredEntry, ScoredEntry> _heap = new(WorstFirst);

    /// <summary>Whether an entry of this score might still be taken; asked before anything dearer is.</summary>
    public bool Takes(ScoredEntry candidate) => _heap.Count < capacity || ScoredEntry.Compare(candidate, _heap.Peek()) < 0;

    public void Add(ScoredEntry candidate)
    {
        if (_heap.Count < capacity)
            _heap.Enqueue(candidate, candidate);
        else
            _heap.EnqueueDequeue(candidate, candidate);
    }

    public void AddAll(NearestEntries others)
    {
        foreach (var (candidate, _) in others._heap.UnorderedItems)
            Add(candidate);
    }

    /// <summary>Best first.</summary>
    public IReadOnlyList<ScoredEntry> Sorted() => [.. _heap.UnorderedItems.Select(item => item.Element).Order(Comparer<ScoredEntry>.Create(ScoredEntry.Compare))];
}
