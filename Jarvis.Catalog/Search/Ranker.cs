using System.Runtime.InteropServices;
using Jarvis.Catalog.Library;

namespace Jarvis.Catalog.Search;

/// <summary>A document that matches, by its position among the snapshot's entries.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Hit(int Document, double Score);

/// <summary>A page of hits, and what the query as a whole gave.</summary>
/// <param name="Total">Hits in all.</param>
/// <param name="Hits">The page, best first; equals in the order of name, kind and id.</param>
/// <param name="Facets">Counts over all hits.</param>
/// <param name="Suggestion">The query with its misspelt words as the library spells them, when it has them in no other way.</param>
public sealed record SearchHits(int Total, IReadOnlyList<Hit> Hits, SearchFacets Facets, string? Suggestion)
{
    internal IReadOnlyList<WordPlan> Plans { get; init; } = [];
}

/// <summary>A snapshot's searcher: finds, ranks and explains. Any number of threads may ask at a time.</summary>
/// <param name="index">Of the entries' terms, in their order.</param>
/// <param name="entries">The snapshot's.</param>
/// <param name="previous">The last snapshot's, for what did not change since.</param>
public sealed class Ranker(SearchIndex index, IReadOnlyList<CatalogEntry> entries, Ranker? previous = null)
{
    private readonly EntryTable _table = new(entries, index.Documents, previous?._table);

    /// <summary>What the next snapshot's index is built from.</summary>
    public SearchIndex Index { get; } = index;

    /// <summary>Every match of a query.</summary>
    public IReadOnlyList<Hit> Find(string query) => Find(SearchQuery.Parse(query), 0, int.MaxValue).Hits;

    /// <summary>A page of what a query matches. A query of filters and exclusions only lists all that they leave, by name.</summary>
    public SearchHits Find(SearchQuery query, int offset, int limit)
    {
        var scratch = SearchScratch.Rent(_table.Count);
        var run = new QueryRun(Index, _table, scratch);
        foreach (var words in query.Excluded)
            run.Exclude(words);
        foreach (var phrase in query.Phrases)
            run.Phrase(phrase);
        run.Words(query.Words);

        var count = query.IsEmpty ? 0 : query.Words.Count + query.Phrases.Count > 0 ? Scored(query, run, scratch) : All(scratch);
        var hits = new HitCollector(_table, query.Filters, scratch, count);
        if (run.HasRivals)
            Tiers.Separate(scratch, hits.Hits, Known(run));
        var found = new SearchHits(hits.Total, hits.Page(offset, limit), hits.Facets(), Suggestion(query, run)) { Plans = run.Plans };
        scratch.Return();
        return found;
    }

    /// <summary>Whether the entry passes the query's filters; for hits that were found in another way.</summary>
    public bool Passes(SearchQuery query, int document) =>
        query.Filters.GroupBy(filter => filter.Name).All(group => new Narrowing(_table, group.Key, group).Judge(document) == Verdict.Passes);

    /// <summary>Which entries that were found in another way may be results: those with the query's phrases, without what it excludes, that pass its filters.</summary>
    public Func<int, bool> Admits(SearchQuery query)
    {
        Narrowing[] narrowings = [.. query.Filters.GroupBy(filter => filter.Name).Select(group => new Narrowing(_table, group.Key, group))];
        if (query.Excluded.Count + query.Phrases.Count == 0)
            return entry => Array.TrueForAll(narrowings, narrowing => narrowing.Judge(entry) == Verdict.Passes);

        var scratch = SearchScratch.Rent(_table.Count);
        var run = new QueryRun(Index, _table, scratch);
        foreach (var words in query.Excluded)
            run.Exclude(words);
        foreach (var phrase in query.Phrases)
            run.Phrase(phrase);
        var marked = scratch.Marks.AsSpan(0, _table.Count).ToArray();
        scratch.Return();
        return entry => marked[entry] == run.RequiredMarks && Array.TrueForAll(narrowings, narrowing => narrowing.Judge(entry) == Verdict.Passes);
    }

    /// <summary>A page of entries that were ranked in another way. One that fails a filter only counts among that filter's choices.</summary>
    /// <param name="query">What the ranking was for.</param>
    /// <param name="words">What its words gave: they explain.</param>
    /// <param name="ranked">Entries, each once, and their scores.</param>
    public SearchHits Page(SearchQuery query, SearchHits words, IReadOnlyCollection<Hit> ranked, int offset, int limit)
    {
        var (scratch, count) = (SearchScratch.Rent(_table.Count), 0);
        foreach (var (document, score) in ranked)
            (scratch.Hits[count++], scratch.Score[document]) = (document, (float)score);
        var hits = new HitCollector(_table, query.Filters, scratch, count);
        var page = new SearchHits(hits.Total, hits.Page(offset, limit), hits.Facets(), words.Suggestion) { Plans = words.Plans };
        scratch.Return();
        return page;
    }

    /// <summary>How a hit's document has the words of the query.</summary>
    public HitExplanation Explain(SearchHits hits, int document) => HitExplanation.Of(Index, Index.Documents[document], hits.Plans);

    /// <summary>Notes the entries that match, with their scores; how many they are.</summary>
    private int Scored(SearchQuery query, QueryRun run, SearchScratch scratch)
    {
        var known = Known(run);
        if (known == 0)
            return 0;
        if (run.Plans.Count > 1)
            WordSums.Share(scratch, SearchScratch.Padded(_table.Count), run.Plans.Sum(plan => plan.Weight));
        var name = EntryTable.NameHash(query.Joined);
        for (var entry = _table.NextNamed(name, 0); entry >= 0; entry = _table.NextNamed(name, entry + 1))
            scratch.Score[entry] *= 2;
        // Of a long question a result has at least half of the words, or every second resource would be one.
        return WordSums.Matching(scratch, _table.Count, Math.Max(1, known / 2), run.RequiredMarks);
    }

    private static int Known(QueryRun run) => run.Plans.Count(plan => plan.Weight > 0);

    private int All(SearchScratch scratch)
    {
        var count = 0;
        for (var entry = 0; entry < _table.Count; entry++)
        {
            if (scratch.Marks[entry] < 0)
                continue;
            (scratch.Hits[count++], scratch.Score[entry]) = (entry, 1);
        }

        return count;
    }

    private static string? Suggestion(SearchQuery query, QueryRun run)
    {
        var text = query.Text;
        var any = false;
        foreach (var word in query.Words.OrderByDescending(word => word.Start))
        {
            if (run.Plans.FirstOrDefault(plan => plan.Word == word.Text)?.Correction is not { } correction)
                continue;
            text = string.Concat(text.AsSpan(0, word.Start), correction, text.AsSpan(word.Start + word.Length));
            any = true;
        }

        return any ? text : null;
    }
}
