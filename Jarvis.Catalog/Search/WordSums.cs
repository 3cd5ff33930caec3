using System.Numerics;
using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>The loops that a search's time goes into: over a term's postings, and over the columns of what they gave.</summary>
internal static class WordSums
{
    /// <summary>What stands for one word: the weight of an exact find, of any other, and of the word among the query's.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Weights(float Exact, float Loose, float Word, bool HasRivals);

    /// <summary>Keeps for each document the most that a term gives: BM25's saturation of its weighted count, times the term's factor.</summary>
    public static void Saturate(Postings postings, int[] map, float[] norms, float factor, float[] into)
    {
        var documents = postings.Documents;
        var impacts = postings.Impacts;
        factor *= FieldWeights.K1 + 1;
        for (var i = 0; i < documents.Length; i++)
        {
            var entry = map[documents[i]];
            if (entry < 0)
                continue;
            var weight = DocumentTerms.Weighted(impacts[i]);
            into[entry] = float.MaxNative(into[entry], factor * weight / (weight + norms[entry]));
        }
    }

    /// <summary>Keeps for each document the greatest weight; it saturates once for all terms, as there may be thousands.</summary>
    public static void Weigh(Postings postings, int[] map, float factor, float[] into)
    {
        var documents = postings.Documents;
        var impacts = postings.Impacts;
        for (var i = 0; i < documents.Length; i++)
        {
            var entry = map[documents[i]];
            if (entry >= 0)
                into[entry] = float.MaxNative(into[entry], factor * DocumentTerms.Weighted(impacts[i]));
        }
    }

    /// <summary>How many entries have something in either column.</summary>
    public static int Count(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var found = Vector<int>.Zero;
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        for (var i = 0; i < lefts.Length; i++)
            found -= Vector.GreaterThan(lefts[i] + rights[i], Vector<float>.Zero);
        return Vector.Sum(found);
    }

    /// <summary>How many entries have something in a column and nothing in two others.</summary>
    public static int CountOnly(ReadOnlySpan<float> column, ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var found = Vector<int>.Zero;
        var columns = MemoryMarshal.Cast<float, Vector<float>>(column);
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        for (var i = 0; i < columns.Length; i++)
            found -= Vector.GreaterThan(columns[i], Vector<float>.Zero) & Vector.Equals(lefts[i] + rights[i], Vector<float>.Zero);
        return Vector.Sum(found);
    }

    /// <summary>Adds what a word gave each entry to the sums, and clears it for the next.</summary>
    public static void Add(SearchScratch scratch, float[] norms, int padded, float prefixFactor, Weights weights)
    {
        var exact = Vectors(scratch.Exact, padded);
        var prefix = Vectors(scratch.Prefix, padded);
        var typo = Vectors(scratch.Typo, padded);
        var score = Vectors(scratch.Score, padded);
        var cover = Vectors(scratch.Cover, padded);
        var norm = Vectors(norms, padded);
        var words = MemoryMarshal.Cast<int, Vector<int>>(scratch.Words.AsSpan(0, padded));
        var (weight, rival) = (new Vector<float>(weights.Word), new Vector<int>(weights.HasRivals ? SearchScratch.Rival : 1));
        prefixFactor *= FieldWeights.K1 + 1;
        for (var i = 0; i < exact.Length; i++)
        {
            var (well, loose) = (exact[i], prefix[i]);
            if (Vector.EqualsAll(well + loose + typo[i], Vector<float>.Zero))
                continue;
            var spelt = Vector.GreaterThan(well + loose, Vector<float>.Zero);
            loose = Vector.Max(prefixFactor * loose / (loose + norm[i]), typo[i]);
            var sum = Vector.Max(well * weights.Exact, loose * weights.Loose);
            var any = Vector.GreaterThan(well + loose, Vector<float>.Zero);
            score[i] += sum;
            cover[i] += Vector.ConditionalSelect(any, weight, Vector<float>.Zero);
            words[i] += any & Vector.ConditionalSelect(spelt, Vector<int>.One, rival);
            (exact[i], prefix[i], typo[i]) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        }
    }

    /// <summary>A document with all the words comes before one that has a single word often: the share of the weight that it has counts twice.</summary>
    public static void Share(SearchScratch scratch, int padded, float total)
    {
        var score = Vectors(scratch.Score, padded);
        var cover = Vectors(scratch.Cover, padded);
        for (var i = 0; i < score.Length; i++)
        {
            var share = cover[i] / total;
            score[i] *= share * share;
        }
    }

    /// <summary>Notes the entries that have so many words or more, and all that must be there; how many they are.</summary>
    public static int Matching(SearchScratch scratch, int entries, int least, int marks)
    {
        var words = scratch.Words.AsSpan(0, entries);
        var marked = scratch.Marks.AsSpan(0, entries);
        var hits = scratch.Hits;
        var count = 0;
        for (var entry = 0; entry < words.Length; entry++)
        {
            // Written in any case, and kept by counting it: a branch would be guessed wrong too often.
            hits[count] = entry;
            var found = (words[entry] & (SearchScratch.Rival - 1)) + (words[entry] >> 16);
            count += found >= least & marked[entry] == marks ? 1 : 0;
        }

        return count;
    }

    private static Span<Vector<float>> Vectors(float[] column, int padded) => MemoryMarshal.Cast<float, Vector<float>>(column.AsSpan(0, padded));
}
