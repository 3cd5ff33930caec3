using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Search;

/// <summary>The fields in which a query's words were found.</summary>
[Flags]
public enum MatchedFields
{
    None = 0,
    Name = 1,
    Tags = 2,
    Description = 4,
    Body = 8,
}

/// <summary>A document that matches.</summary>
public sealed record Hit(int Document, double Score, MatchedFields Fields);

/// <summary>
/// BM25 over weighted fields (Robertson, Zaragoza and Taylor 2004: the fields' counts are weighted before they saturate). The last word of a query
/// counts as a prefix too; a word that neither is a term nor begins one is taken as misspelt by one edit.
/// </summary>
public sealed class Ranker(SearchIndex index, IReadOnlyList<Resource> documents)
{
    private const int MaxWords = 16;
    private const int MaxExpansions = 256;
    private const double K1 = 1.2;
    private const double B = 0.6;
    private const double PrefixFactor = 0.6;
    private const double TypoFactor = 0.35;

    public static IReadOnlyList<string> Words(string query) => [.. Tokenizer.Words(query).Distinct(StringComparer.Ordinal).Take(MaxWords)];

    /// <summary>Every match, best first; equals in the order of kind, name and id.</summary>
    public IReadOnlyList<Hit> Find(string query)
    {
        var words = Words(query);
        var scores = new double[documents.Count];
        var found = new byte[documents.Count];
        var fields = new MatchedFields[documents.Count];
        var touched = new List<int>();
        var best = new double[documents.Count];
        var ofWord = new List<int>();
        for (var word = 0; word < words.Count; word++)
        {
            foreach (var (term, factor) in Expand(words[word], isLast: word == words.Count - 1))
                Score(term, factor, best, ofWord, fields);
            foreach (var document in ofWord)
            {
                if (found[document]++ == 0)
                    touched.Add(document);
                scores[document] += best[document];
                best[document] = 0;
            }

            ofWord.Clear();
        }

        var slug = Slug.Of(query);
        var hits = new List<Hit>(touched.Count);
        foreach (var document in touched)
        {
            // A document with all the words comes before one that has a single word often.
            var share = (double)found[document] / words.Count;
            var named = slug.Length > 0 && Slug.Of(documents[document].Name) == slug ? 2 : 1;
            hits.Add(new(document, Math.Round(scores[document] * share * share * named, 4), fields[document]));
        }

        hits.Sort(Compare);
        return hits;
    }

    private int Compare(Hit left, Hit right)
    {
        if (right.Score.CompareTo(left.Score) is var byScore and not 0)
            return byScore;
        var (a, b) = (documents[left.Document], documents[right.Document]);
        if (a.Kind.CompareTo(b.Kind) is var byKind and not 0)
            return byKind;
        return string.CompareOrdinal(a.Name, b.Name) is var byName and not 0 ? byName : string.CompareOrdinal(a.Id, b.Id);
    }

    private List<(int Term, double Factor)> Expand(string word, bool isLast)
    {
        var terms = new List<(int, double)>();
        var exact = index.Exact(word);
        if (exact is { } same)
            terms.Add((same, 1));
        if ((isLast && word.Length > 1) || exact is null)
        {
            var (from, count) = index.Prefixed(word);
            for (var term = from; term < from + Math.Min(count, MaxExpansions); term++)
            {
                if (term != exact)
                    terms.Add((term, PrefixFactor * word.Length / index.Term(term).Length));
            }
        }

        if (terms.Count == 0 && word.Length >= 4)
            terms.AddRange(index.OneEditAway(word, MaxExpansions).Select(term => (term, TypoFactor)));
        return terms;
    }

    private void Score(int term, double factor, double[] best, List<int> ofWord, MatchedFields[] fields)
    {
        var matches = index.Documents(term);
        var counts = index.Counts(term);
        var idf = Math.Log(1 + ((index.DocumentCount - matches.Length + 0.5) / (matches.Length + 0.5)));
        for (var i = 0; i < matches.Length; i++)
        {
            var document = matches[i];
            var (name, tags, description, body) = counts[i];
            var weighted = (8.0 * Math.Min((int)name, 2)) + (4.0 * Math.Min((int)tags, 2)) + (2.5 * Math.Min((int)description, 4)) + body;
            var norm = K1 * (1 - B + (B * index.Length(document) / index.AverageLength));
            var score = factor * idf * weighted * (K1 + 1) / (weighted + norm);
            if (best[document] == 0)
                ofWord.Add(document);
            best[document] = Math.Max(best[document], score);
            fields[document] |= FieldsOf(counts[i]);
        }
    }

    private static MatchedFields FieldsOf(TermCounts counts) =>
        (counts.Name > 0 ? MatchedFields.Name : MatchedFields.None) | (counts.Tags > 0 ? MatchedFields.Tags : MatchedFields.None)
        | (counts.Description > 0 ? MatchedFields.Description : MatchedFields.None) | (counts.Body > 0 ? MatchedFields.Body : MatchedFields.None);
}
