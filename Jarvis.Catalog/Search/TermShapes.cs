using System.Numerics;

namespace Jarvis.Catalog.Search;

/// <summary>
/// Finds misspelt terms without comparing all: by length, then by the letters that occur, once or more. An edit changes at most two bits of
/// a term's letters, and counting differing bits takes a nanosecond.
/// </summary>
internal sealed class TermShapes
{
    private readonly int[] _starts = new int[TokenReader.MaxTokenLength + 2];
    private readonly int[] _ordinals;
    private readonly ulong[] _letters;

    public TermShapes(string[] terms)
    {
        foreach (var term in terms)
            _starts[term.Length + 1]++;
        for (var length = 1; length < _starts.Length; length++)
            _starts[length] += _starts[length - 1];
        var next = _starts[..^1];
        (_ordinals, _letters) = (new int[terms.Length], new ulong[terms.Length]);
        for (var ordinal = 0; ordinal < terms.Length; ordinal++)
        {
            var at = next[terms[ordinal].Length]++;
            (_ordinals[at], _letters[at]) = (ordinal, Letters(terms[ordinal]));
        }
    }

    public void Near(string word, int max, string[] terms, List<(int Ordinal, int Edits)> found)
    {
        var letters = Letters(word);
        for (var length = Math.Max(1, word.Length - max); length <= Math.Min(TokenReader.MaxTokenLength, word.Length + max); length++)
        {
            // An insertion or deletion changes one bit, so the difference in length takes from what may differ.
            var limit = (2 * max) - Math.Abs(word.Length - length);
            var range = _starts[length].._starts[length + 1];
            var set = _letters.AsSpan(range);
            for (var i = 0; i < set.Length; i++)
            {
                if (BitOperations.PopCount(set[i] ^ letters) > limit)
                    continue;
                var ordinal = _ordinals[range.Start.Value + i];
                if (EditDistance.Within(word, terms[ordinal], max) is var edits and > 0)
                    found.Add((ordinal, edits));
            }
        }
    }

    /// <summary>A bit for each letter, and another for each that comes again: one edit changes two bits at most.</summary>
    private static ulong Letters(string term)
    {
        var (once, again) = (0UL, 0UL);
        foreach (var character in term)
        {
            var bit = 1UL << (char.IsAsciiLetterLower(character) ? character - 'a' : 26 + (character % 6));
            again |= once & bit;
            once |= bit;
        }

        return once | (again << 32);
    }
}
