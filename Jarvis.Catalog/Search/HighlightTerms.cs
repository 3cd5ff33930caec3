using System.Text;

namespace Jarvis.Catalog.Search;

/// <summary>What is marked in a result's text: terms, and phrases where their words stand side by side.</summary>
public sealed class HighlightTerms(IReadOnlyList<string> terms, IReadOnlyList<IReadOnlyList<string>> phrases)
{
    private readonly ulong _firstLetters = First(terms.Concat(phrases.SelectMany(phrase => phrase)));

    public IReadOnlyList<IReadOnlyList<string>> Phrases { get; } = phrases;

    /// <summary>
    /// Before the first word of an ASCII text that can be one of these: what comes before need not be read. Text beyond ASCII folds to other
    /// letters than it has and is read from its beginning.
    /// </summary>
    public int FirstIn(ReadOnlySpan<char> text)
    {
        if (!Ascii.IsValid(text))
            return 0;
        var first = text.Length;
        foreach (var term in terms)
            first = Math.Min(first, Before(text[..first], term));
        foreach (var phrase in Phrases)
            first = Math.Min(first, Before(text[..first], phrase[0]));
        while (first > 0 && char.IsAsciiLetterOrDigit(text[first - 1]))
            first--;
        return first;
    }

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

    private static int Before(ReadOnlySpan<char> text, string word) => text.IndexOf(word, StringComparison.OrdinalIgnoreCase) is var at and >= 0 ? at : int.MaxValue;

    private static ulong First(IEnumerable<string> words)
    {
        var set = 0UL;
        foreach (var word in words)
            set |= 1UL << (word[0] & 63);
        return set;
    }
}
