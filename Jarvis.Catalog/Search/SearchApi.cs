using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Search;

/// <summary>Search over all kinds.</summary>
public static class SearchApi
{
    public static IEndpointRouteBuilder MapSearch(this IEndpointRouteBuilder api)
    {
        api.MapGet("/search", SearchAsync).WithTags("Search").ProducesProblem(503)
            .WithName("search").WithSummary("""Resources that match ?q=, best first: words, "phrases", -exclusions, kind:, category:, plugin:, source:, model:, tool:, tag:; the filters are parameters too; ?mode=semantic and hybrid search by meaning""");
        return api;
    }

    private static async Task<Results<Enveloped<SearchAnswer>, StatusCodeHttpResult>> SearchAsync(
        CatalogStore store, SemanticSearch semantic, HttpContext context, CancellationToken cancellationToken)
    {
        var reader = new QueryReader(context.Request.Query);
        var list = ListQuery.Read(reader);
        var query = SearchQuery.Parse(reader.Text("q", SearchQuery.MaxLength) ?? "");
        if (query.IsEmpty)
            reader.Wrong("q", "must have at least one letter or digit");
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: results come by score");
        var mode = SearchModes.Parse(reader.OneOf("mode", SearchModes.All));
        query = query with { Filters = [.. query.Filters, .. Filters(reader)] };
        reader.ThrowIfWrong();

        var snapshot = store.Snapshot;
        if (mode == SearchMode.Lexical && EntityTags.IsKnown(context, snapshot.Version))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        // Vectors come and go without the catalog's version: such an answer is not to be kept.
        if (mode != SearchMode.Lexical)
            context.Response.Headers.CacheControl = "no-store";
        var (hits, ranking) = await semantic.FindAsync(snapshot, mode, query, list.Offset, list.Limit, cancellationToken);
        return new Enveloped<SearchAnswer>(Answer(snapshot, query, list, hits, ranking)) { ModeUsed = ranking.Used.Word() };
    }

    private static IEnumerable<SearchFilter> Filters(QueryReader reader)
    {
        if (reader.OneOf("kind", [.. ResourceKinds.All.Select(each => each.Word())]) is { } kind)
            yield return new(FilterName.Kind, kind);
        foreach (var name in (FilterName[])[FilterName.Category, FilterName.Plugin, FilterName.Source, FilterName.Model, FilterName.Tool, FilterName.Tag])
        {
            if (reader.Text(name.ToString().ToLowerInvariant()) is { } value)
                yield return new(name, value);
        }
    }

    private static SearchAnswer Answer(CatalogSnapshot snapshot, SearchQuery query, ListQuery list, SearchHits hits, SemanticRanking ranking)
    {
        var fused = ranking.Entries.ToDictionary(entry => entry.Entry);
        var results = new List<SearchResult>(hits.Hits.Count);
        foreach (var hit in hits.Hits)
        {
            FusedEntry? near = fused.TryGetValue(hit.Document, out var found) ? found : null;
            results.Add(Result(snapshot.Entries[hit.Document], near is null ? hit.Score : Math.Round(near.Value.Score, 6), snapshot.Ranker.Explain(hits, hit.Document), near?.Cosine is not null));
        }

        return new(query.Text, results, Pagination.Of(list, hits.Total), hits.Facets, ranking.Used.Word(), hits.Suggestion, ranking.Note, ranking.Coverage);
    }

    private static SearchResult Result(CatalogEntry entry, double score, HitExplanation why, bool isNear)
    {
        var resource = entry.Resource;
        var highlights = new List<Highlight>(2);
        if (Highlighter.Of("name", resource.Name, why.Terms) is { } inName)
            highlights.Add(inName);
        if (Highlighter.Of("description", resource.Description, why.Terms) is { } inDescription)
            highlights.Add(inDescription);
        if (highlights.Count == 0 && why.Fields.HasFlag(MatchedFields.Body) && entry.Content.MediaType == "text/markdown"
            && Highlighter.Of("body", entry.Content.Utf8, why.Terms) is { } inBody)
        {
            highlights.Add(inBody);
        }

        return new(resource.Id, resource.Kind, resource.Name, resource.Description, resource.Category, resource.Source, score,
            isNear ? [.. HitExplanation.ListOf(why.Fields), MatchedFields.Semantic] : HitExplanation.ListOf(why.Fields), why.Words, highlights, $"/api/v2/{resource.Kind.Route()}/{Uri.EscapeDataString(resource.Id)}");
    }
}
