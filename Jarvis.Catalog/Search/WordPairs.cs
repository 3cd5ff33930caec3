namespace Jarvis.Catalog.Search;

/// <summary>
/// Which words stand side by side in a document, roughly (a blocked Bloom filter: Putze, Sanders and Singler 2007): four bits of one 64-bit word for each
/// pair. It never misses a pair; of those that are not there it takes about one in fifty for one that is, and then the text decides. One that was never
/// filled is of a text that has to be read in any case.
/// </summary>
public readonly struct WordPairs
{
    private const int BitsPerPair = 12;
    private readonly ulong[]? _words;

    private WordPairs(ulong[] words) => _words = words;

    /// <summary>The pair's number among all that there may be, from its terms' numbers.</summary>
    public static ulong Number(int first, int second)
    {
        var number = (((ulong)(uint)first << 32) | (uint)second) * 0x9E3779B97F4A7C15;
        number = (number ^ (number >> 29)) * 0xBF58476D1CE4E5B9;
        return number ^ (number >> 32);
    }

    public static WordPairs Of(List<ulong> pairs)
    {
        var words = new ulong[Math.Max(1, pairs.Count * BitsPerPair / 64)];
        foreach (var pair in pairs)
            words[At(pair, words.Length)] |= Bits(pair);
        return new(words);
    }

    /// <summary>The pairs of a phrase; a word that the table does not have is in none.</summary>
    public static List<ulong> Of(IReadOnlyList<string> phrase, TermTable terms)
    {
        var pairs = new List<ulong>(phrase.Count);
        for (var i = 1; i < phrase.Count; i++)
        {
            if (terms.NumberOf(phrase[i - 1]) is { } first && terms.NumberOf(phrase[i]) is { } second)
                pairs.Add(Number(first, second));
        }

        return pairs;
    }

    public bool MayHave(List<ulong> pairs)
    {
        if (_words is null)
            return true;
        foreach (var pair in pairs)
        {
            var bits = Bits(pair);
            if ((_words[At(pair, _words.Length)] & bits) != bits)
                return false;
        }

        return true;
    }

    private static int At(ulong pair, int length) => (int)Math.BigMul(pair, (ulong)length, out _);

    private static ulong Bits(ulong pair) => (1UL << (int)(pair & 63)) | (1UL << (int)((pair >> 6) & 63)) | (1UL << (int)((pair >> 12) & 63)) | (1UL << (int)((pair >> 18) & 63));
}
