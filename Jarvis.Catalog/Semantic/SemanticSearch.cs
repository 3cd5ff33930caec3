using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>How many resources have a vector: less than all while embedding goes on.</summary>
public sealed record EmbeddingCoverage(int Embedded, int Total);

/// <summary>A search by meaning.</summary>
/// <param name="Used">The mode that was asked for, or lexical when there are no vectors to search by.</param>
/// <param name="Note">Why the answer is lexical, or not by all resources; null when there is nothing to say.</param>
/// <param name="Entries">Best first; empty when the answer is lexical: take the lexical list as it is then.</param>
public sealed record SemanticRanking(SearchMode Used, string? Note, EmbeddingCoverage? Coverage, IReadOnlyList<FusedEntry> Entries)
{
    public static SemanticRanking Lexical(string? note = null, EmbeddingCoverage? coverage = null) => new(SearchMode.Lexical, note, coverage, []);
}

/// <summary>Ranks by vectors where there are any, and says why not where there are none. It never fails a search.</summary>
public sealed class SemanticSearch(SemanticIndex index, IOptions<EmbeddingOptions> options, IServiceProvider services)
{
    /// <summary>Of each list: what comes later is no result of a semantic or hybrid search.</summary>
    public const int MaxResults = 200;

    /// <summary>A page of what <paramref name="query"/> gives in the mode that was asked for, or of the lexical answer where that cannot be.</summary>
    public async Task<(SearchHits Hits, SemanticRanking Ranking)> FindAsync(
        CatalogSnapshot snapshot, SearchMode asked, SearchQuery query, int offset, int limit, CancellationToken cancellationToken)
    {
        var ranker = snapshot.Ranker;
        if (asked == SearchMode.Lexical)
            return (ranker.Find(query, offset, limit), SemanticRanking.Lexical());
        var words = ranker.Find(query, 0, MaxResults);
        var ranking = await RankAsync(snapshot, asked, query.Plain, Documents(words), ranker.Admits(query), cancellationToken);
        if (ranking.Used == SearchMode.Lexical)
            return (ranker.Find(query, offset, limit), ranking);

        var ranked = ranking.Entries.ToDictionary(entry => entry.Entry, entry => new Hit(entry.Entry, entry.Score));
        if (query.Filters.Count > 0)
        {
            // What fails a filter counts among that filter's other choices.
            var open = query with { Filters = [] };
            var others = await RankAsync(snapshot, asked, query.Plain, Documents(ranker.Find(open, 0, MaxResults)), ranker.Admits(open), cancellationToken);
            foreach (var other in others.Entries.Where(entry => !ranker.Passes(query, entry.Entry)))
                ranked.TryAdd(other.Entry, new(other.Entry, other.Score));
        }

        return (ranker.Page(query, words, ranked.Values, offset, limit), ranking);
    }

    /// <summary>Ranks the entries of <paramref name="snapshot"/>.</summary>
    /// <param name="snapshot">The one that the lexical list is of.</param>
    /// <param name="asked">Lexical is answered at once.</param>
    /// <param name="text">The query's free text, without filters.</param>
    /// <param name="lexical">Indexes of entries that the words found and the filter takes, best first.</param>
    /// <param name="filter">Which entries may be results; null takes all.</param>
    public async Task<SemanticRanking> RankAsync(
        CatalogSnapshot snapshot, SearchMode asked, string text, IReadOnlyList<int> lexical, Func<int, bool>? filter, CancellationToken cancellationToken)
    {
        if (asked == SearchMode.Lexical)
            return SemanticRanking.Lexical();
        if (!options.Value.IsConfigured)
            return SemanticRanking.Lexical("no embedding provider is configured (Embeddings:Model)");
        if (index.For(snapshot) is not { Dimensions: { } dimensions, Embedded: > 0 } view)
            return SemanticRanking.Lexical("nothing is embedded yet; GET catalog/embeddings says how it stands", new(0, snapshot.Entries.Count));

        if (string.IsNullOrWhiteSpace(text))
            return SemanticRanking.Lexical("the query has no words whose meaning could be near");

        var coverage = new EmbeddingCoverage(view.Embedded, view.Total);
        float[] query;
        try
        {
            query = await services.GetRequiredService<QueryVectors>().GetAsync(text.Trim(), cancellationToken);
        }
        catch (EmbeddingException failure)
        {
            return SemanticRanking.Lexical($"the embedding provider gave no vector for the query: {failure.Message}", coverage);
        }

        if (query.Length != dimensions)
            return SemanticRanking.Lexical($"the embedding provider gave a vector of {query.Length} dimensions, the resources have {dimensions}", coverage);
        var nearest = view.Nearest(query, MaxResults, options.Value.MinScore, filter);
        var note = view.Embedded < view.Total ? $"{view.Total - view.Embedded} of {view.Total} resources have no vector yet and are found by their words only" : null;
        return new(asked, note, coverage, asked == SearchMode.Semantic ? Semantic(nearest, lexical) : RankFusion.Fuse([.. lexical.Take(MaxResults)], nearest));
    }

    private static List<int> Documents(SearchHits hits) => [.. hits.Hits.Select(hit => hit.Document)];

    private static List<FusedEntry> Semantic(IReadOnlyList<ScoredEntry> nearest, IReadOnlyList<int> lexical)
    {
        var ranks = new Dictionary<int, int>(lexical.Count);
        for (var rank = 0; rank < lexical.Count; rank++)
            ranks[lexical[rank]] = rank;
        return [.. nearest.Select(near => new FusedEntry(near.Entry, near.Score, ranks.TryGetValue(near.Entry, out var rank) ? rank : null, near.Score))];
    }
}
