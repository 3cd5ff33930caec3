using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>What a word may have been meant to be.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Misspelling(string Term, int Edits);

/// <summary>Terms that are an edit or two from a word that the index does not have, or hardly.</summary>
internal static class Misspellings
{
    private const int MaxTerms = 24;

    // A misspelling that some document has too is corrected when the other word is that much more frequent.
    private const int CorrectionRatio = 10;

    /// <summary>The likeliest first: fewer edits, then more documents.</summary>
    public static List<Misspelling> Of(string word, SearchIndex index, int wellSpelt)
    {
        var max = word.Length >= 8 ? 2 : word.Length >= 4 ? 1 : 0;
        if (max == 0 || wellSpelt > 3 + (index.DocumentCount / 2000) || !word.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return [];
        var candidates = new Dictionary<int, (int Edits, int Documents)>();
        var found = new List<(int Ordinal, int Edits)>();
        for (var i = 0; i < index.Segments.Length; i++)
        {
            found.Clear();
            index.Segments[i].Misspelt(word, max, found);
            foreach (var (ordinal, edits) in found)
            {
                ref var candidate = ref CollectionsMarshal.GetValueRefOrAddDefault(candidates, index.Segments[i].Number(ordinal), out _);
                candidate = (edits, candidate.Documents + index.Live(i, ordinal));
            }
        }

        var least = Math.Max(1, wellSpelt * CorrectionRatio);
        return [.. candidates.Where(pair => pair.Value.Documents >= least)
            .Select(pair => (Term: index.Terms[pair.Key], pair.Value.Edits, pair.Value.Documents)).Where(each => !StopWords.Has(each.Term))
            .OrderBy(each => each.Edits).ThenByDescending(each => each.Documents).ThenBy(each => each.Term, StringComparer.Ordinal)
            .Take(MaxTerms).Select(each => new Misspelling(each.Term, each.Edits))];
    }
}
