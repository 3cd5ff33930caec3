namespace Jarvis.Catalog.Search;

/// <summary>How one word of the query was found in one resource.</summary>
/// <param name="Word">As the query has it, folded; a phrase in full.</param>
/// <param name="Term">The term of the index that stood for it: the best one, when several did.</param>
/// <param name="How"><c>exact</c>, <c>phrase</c>, <c>stem</c>, <c>prefix</c> or <c>typo</c>.</param>
/// <param name="Fields">Where.</param>
public sealed record WordExplanation(string Word, string Term, MatchKind How, IReadOnlyList<MatchedFields> Fields);

/// <summary>Why a resource is a result.</summary>
/// <param name="Fields">Where any word stands.</param>
/// <param name="Words">For each word that was found, how.</param>
/// <param name="Terms">All terms to mark in its text.</param>
public sealed record HitExplanation(MatchedFields Fields, IReadOnlyList<WordExplanation> Words, HighlightTerms Terms)
{
    private static readonly IReadOnlyList<MatchedFields>[] Lists = [.. Enumerable.Range(0, 64).Select(set => Enum.GetValues<MatchedFields>()
        .Where(field => field != MatchedFields.None && ((MatchedFields)set).HasFlag(field)).ToArray())];

    public static IReadOnlyList<MatchedFields> ListOf(MatchedFields fields) => Lists[(int)fields & 63];

    internal static HitExplanation Of(SearchIndex index, DocumentTerms document, IReadOnlyList<WordPlan> plans)
    {
        var fields = MatchedFields.None;
        var words = new List<WordExplanation>(plans.Count);
        var (terms, phrases) = (new List<string>(), new List<IReadOnlyList<string>>());
        foreach (var plan in plans)
        {
            if (plan.Weight == 0)
                continue;
            (int Number, MatchKind How, ushort Impact)? best = null;
            foreach (var (number, how, impact) in Found(index, document, plan))
            {
                fields |= DocumentTerms.Fields(impact);
                if (plan.Phrase is null)
                    terms.Add(index.Terms[number]);
                if (best is not { } so || how < so.How || (how == so.How && DocumentTerms.Weighted(impact) > DocumentTerms.Weighted(so.Impact)))
                    best = (number, how, impact);
            }

            if (best is not { } found)
                continue;
            if (plan.Phrase is not null)
                phrases.Add(plan.Phrase);
            words.Add(new(plan.Word, plan.Phrase is null ? index.Terms[found.Number] : plan.Word, found.How, ListOf(DocumentTerms.Fields(found.Impact))));
        }

        return new(fields, words, new(terms, phrases));
    }

    private static IEnumerable<(int Number, MatchKind How, ushort Impact)> Found(SearchIndex index, DocumentTerms document, WordPlan plan)
    {
        foreach (var form in plan.Forms)
        {
            if (Array.BinarySearch(document.Terms, form.Number) is var at and >= 0)
                yield return (form.Number, form.How, document.Impacts[at]);
        }

        if (!plan.IsPrefix)
            yield break;
        for (var i = 0; i < document.Terms.Length; i++)
        {
            var term = index.Terms[document.Terms[i]];
            if (term.Length > plan.Word.Length && term.StartsWith(plan.Word, StringComparison.Ordinal) && !plan.Forms.Exists(form => form.Number == document.Terms[i]))
                yield return (document.Terms[i], MatchKind.Prefix, document.Impacts[i]);
        }
    }
}
