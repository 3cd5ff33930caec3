namespace Jarvis.Catalog.Search;

/// <summary>What is marked in a result's text: terms, and phrases where their words stand side by side.</summary>
public sealed class HighlightTerms(IReadOnlyList<string> terms, IReadOnlyList<IReadOnlyList<string>> phrases)
{
    private readonly ulong _firstLetters = First(terms.Concat(phrases.SelectMany(phrase => phrase)));

    public IReadOnlyList<IReadOnlyList<string>> Phrases { get; } = phrases;

    public bool Has(ReadOnlySpan<char> token)
    {
        // Most words of a text end here.
        if ((_firstLetters & (1UL << (token[0] & 63))) == 0)
            return false;
        foreach (var term in terms)
        {
            if (token.SequenceEqual(term))
                return true;
        }

        return false;
    }

    private static ulong First(IEnumerable<string> words)
    {
        var set = 0UL;
        foreach (var word in words)
            set |= 1UL << (word[0] & 63);
        return set;
    }
}
