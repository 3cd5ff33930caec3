using System.Runtime.InteropServices;

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
            var best = new BestForm(-1, default, 0);
            foreach (var (number, how) in plan.Forms)
            {
                if (Array.BinarySearch(document.Terms, number) is var at and >= 0)
                    Found(number, how, document.Impacts[at]);
            }

            for (var i = 0; plan.Prefixes is { } prefixes && i < document.Terms.Length; i++)
            {
                var number = document.Terms[i];
                if (prefixes.MayHave(number) && index.Terms[number] is var term && term.Length > plan.Word.Length && term.StartsWith(plan.Word, StringComparison.Ordinal)
                    && !plan.HasForm(number))
                {
                    Found(number, MatchKind.Prefix, document.Impacts[i]);
                }
            }

            if (best.Number < 0)
                continue;
            if (plan.Phrase is not null)
                phrases.Add(plan.Phrase);
            words.Add(new(plan.Word, plan.Phrase is null ? index.Terms[best.Number] : plan.Word, best.How, ListOf(DocumentTerms.Fields(best.Impact))));

            void Found(int number, MatchKind how, ushort impact)
            {
                fields |= DocumentTerms.Fields(impact);
                if (plan.Phrase is null)
                    terms.Add(index.Terms[number]);
                if (best.Number < 0 || how < best.How || (how == best.How && DocumentTerms.Weighted(impact) > DocumentTerms.Weighted(best.Impact)))
                    best = new(number, how, impact);
            }
        }

        return new(fields, words, new(terms, phrases));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct BestForm(int Number, MatchKind How, ushort Impact);
}
