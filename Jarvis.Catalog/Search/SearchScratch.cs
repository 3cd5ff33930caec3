using System.Collections.Concurrent;

namespace Jarvis.Catalog.Search;

/// <summary>Room for one query's sums, by entry. Kept and used again, so that a query costs what it touches and not what the catalog holds.</summary>
internal sealed class SearchScratch
{
    private static readonly ConcurrentBag<SearchScratch> Pool = [];
    private static readonly int MaxPooled = Environment.ProcessorCount * 2;

    /// <summary>The word's best match so far: exact or of its stem, and otherwise.</summary>
    public float[] Exact = [];

    public float[] Loose = [];

    /// <summary>The sum over the words, and the weight of those that were found.</summary>
    public float[] Score = [];

    public float[] Cover = [];

    /// <summary>How many words were found as they stand (low byte) and how many misspelt while the index has them well spelt (high byte).</summary>
    public ushort[] Words = [];

    /// <summary>How many of the words that all must be there were; <see cref="Excluded"/> when the entry is out.</summary>
    public int[] Marks = [];

    public int[] Touched = [];

    public int[] OfWord = [];

    public int[][] Facets = [];

    public const int Excluded = int.MinValue / 2;

    public int TouchedCount { get; set; }

    public static SearchScratch Rent(int count)
    {
        if (!Pool.TryTake(out var scratch))
            scratch = new();
        if (scratch.Exact.Length < count)
        {
            var size = count + (count / 8) + 16;
            (scratch.Exact, scratch.Loose, scratch.Score, scratch.Cover) = (new float[size], new float[size], new float[size], new float[size]);
            (scratch.Words, scratch.Marks, scratch.Touched, scratch.OfWord) = (new ushort[size], new int[size], new int[size], new int[size]);
        }

        scratch.TouchedCount = 0;
        return scratch;
    }

    /// <summary>Only after a query that went through: one that failed leaves its sums behind.</summary>
    public void Return()
    {
        foreach (var entry in Touched.AsSpan(0, TouchedCount))
            (Score[entry], Cover[entry], Words[entry], Marks[entry]) = (0, 0, 0, 0);
        if (Pool.Count < MaxPooled)
            Pool.Add(this);
    }

    /// <summary>Notes the entry as touched, once.</summary>
    public void Touch(int entry)
    {
        if (Cover[entry] == 0 && Marks[entry] == 0)
            Touched[TouchedCount++] = entry;
    }
}
