using System.Collections.Concurrent;
using System.Numerics;

namespace Jarvis.Catalog.Search;

/// <summary>Room for one query's sums, by entry, in columns that are gone through eight entries at a time. Kept and used again.</summary>
internal sealed class SearchScratch
{
    /// <summary>What <see cref="Marks"/> has for an entry that is out.</summary>
    public const int Excluded = int.MinValue / 2;

    /// <summary>What <see cref="Words"/> counts for a word that is there misspelt only, while the index has it well spelt.</summary>
    public const int Rival = 0x10000;

    private static readonly ConcurrentStack<SearchScratch> Pool = [];
    private static readonly int MaxPooled = Environment.ProcessorCount * 2;
    private int _count;

    /// <summary>What the word's best exact match or other form gives so far.</summary>
    public float[] Exact { get; private set; } = [];

    /// <summary>The greatest weight among the terms that begin with the word.</summary>
    public float[] Prefix { get; private set; } = [];

    public float[] Typo { get; private set; } = [];

    /// <summary>The sum over the words.</summary>
    public float[] Score { get; private set; } = [];

    /// <summary>The weight of the words that were found.</summary>
    public float[] Cover { get; private set; } = [];

    /// <summary>How many words were found as they stand, and above them <see cref="Rival"/>s.</summary>
    public int[] Words { get; private set; } = [];

    /// <summary>How many of the phrases that all must be there were.</summary>
    public int[] Marks { get; private set; } = [];

    /// <summary>The entries that match, ascending.</summary>
    public int[] Hits { get; private set; } = [];

    /// <summary>How many entries the columns have when they are gone through by vectors: what is beyond the last is always 0.</summary>
    public static int Padded(int count) => (count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

    public static SearchScratch Rent(int count)
    {
        if (!Pool.TryPop(out var scratch))
            scratch = new();
        if (scratch.Exact.Length < Padded(count))
        {
            var size = Padded(count + (count / 8));
            (scratch.Exact, scratch.Prefix, scratch.Typo, scratch.Score, scratch.Cover) = (new float[size], new float[size], new float[size], new float[size], new float[size]);
            (scratch.Words, scratch.Marks, scratch.Hits) = (new int[size], new int[size], new int[size]);
        }

        scratch._count = count;
        return scratch;
    }

    /// <summary>Only after a query that went through: one that failed leaves its sums behind.</summary>
    public void Return()
    {
        Array.Clear(Score, 0, _count);
        Array.Clear(Cover, 0, _count);
        Array.Clear(Words, 0, _count);
        Array.Clear(Marks, 0, _count);
        if (Pool.Count < MaxPooled)
            Pool.Push(this);
    }
}
