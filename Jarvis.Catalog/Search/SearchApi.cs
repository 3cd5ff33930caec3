using System.Text.Json;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Search;

/// <summary>Search over all kinds.</summary>
public static class SearchApi
{
    private static readonly Dictionary<string, object?> LexicalUsed = new(StringComparer.Ordinal) { ["mode_used"] = SearchMode.Lexical.Word() };

    public static IEndpointRouteBuilder MapSearch(this IEndpointRouteBuilder api)
    {
        api.MapGet("/search", SearchAsync).WithTags("Search").Produces<Envelope<SearchAnswer>>().ProducesProblem(503)
            .WithName("search").WithSummary("Resources that match, best first")
            .WithDescription("""`q` takes words, `"phrases"`, `-exclusions` and the filters `kind:`, `category:`, `plugin:`, `source:`, `model:`, `tool:`, `tag:`, which are parameters too: the same filter again is *or*, different ones are *and*.""")
            .WithQueryOfSearch().WithQuery("mode", "By words, by meaning, or both.", oneOf: SearchModes.All, fallback: SearchMode.Lexical.Word()).WithETag(always: false);
        return api;
    }

    /// <summary>Version 1: results in an object keyed by name, best first, beside their count. The gateway adds what says that it is deprecated.</summary>
    public static IEndpointRouteBuilder MapLegacySearch(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/search", LegacyAsync).WithTags("Version 1").Produces<LegacyResults>()
            .WithName("v1-search").WithSummary("Resources that match, in the old shape, keyed by name").WithQueryOfSearch().WithETag().WithSuccessor("/api/v2/search");
        return v1;
    }

    private static RouteHandlerBuilder WithQueryOfSearch(this RouteHandlerBuilder search)
    {
        search.WithQuery("q", "What is looked for.", "code review", maxLength: SearchQuery.MaxLength).WithPaging().Judges("sort")
            .WithQuery("kind", "Only this kind.", oneOf: ResourceKinds.All.Select(kind => kind.Word()), repeats: true);
        foreach (var (name, example) in ((string, string)[])[("category", "development"), ("plugin", "git-tools"), ("source", "library"), ("model", "sonnet"), ("tool", "Read"), ("tag", "review")])
            search.WithQuery(name, $"Only resources of this {name}.", example, repeats: true);
        return search;
    }

    private static async Task<Prepared> LegacyAsync(CatalogStore store, SemanticSearch semantic, HttpContext context, CancellationToken cancellationToken)
    {
        var (list, query, _) = Read(context.Request.Query);
        var snapshot = store.Snapshot;
        var (hits, ranking) = await semantic.FindAsync(snapshot, SearchMode.Lexical, query, list.Offset, list.Limit, cancellationToken);
        var answer = Answer(snapshot, query, list, hits, ranking);
        var results = new Dictionary<string, SearchResult>(StringComparer.Ordinal);
        foreach (var result in answer.Results)
        {
            // Of several of one name the best has it for its key.
            if (!results.TryAdd(result.Name, result))
                results.TryAdd($"{result.Kind.Word()}:{result.Id}", result);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(new LegacyMembers(answer.Query, results, answer.Pagination.Total), JsonRules.Options);
        return Prepared.Ok(PreparedBody.OfMembers(json.AsSpan(1..^1), snapshot.Version), snapshot.Version);
    }

    private sealed record LegacyMembers(string Query, IReadOnlyDictionary<string, SearchResult> Results, int Count);

    private static async Task<Results<Prepared, Enveloped<SearchAnswer>>> SearchAsync(
        CatalogStore store, SemanticSearch semantic, HttpContext context, CancellationToken cancellationToken)
    {
        var (list, query, mode) = Read(context.Request.Query);
        var snapshot = store.Snapshot;
        var (hits, ranking) = await semantic.FindAsync(snapshot, mode, query, list.Offset, list.Limit, cancellationToken);
        var answer = Answer(snapshot, query, list, hits, ranking);
        if (mode == SearchMode.Lexical)
            return Prepared.Ok(PreparedBody.Of(answer, snapshot.Version, LexicalUsed), snapshot.Version);
        // Vectors come and go without the catalog's version: such an answer is not to be kept.
        context.Response.Headers.CacheControl = "no-store";
        return new Enveloped<SearchAnswer>(answer) { ModeUsed = ranking.Used.Word() };
    }

    private static (ListQuery List, SearchQuery Query, SearchMode Mode) Read(IQueryCollection given)
    {
        var reader = new QueryReader(given);
        var list = ListQuery.Read(reader);
        var query = SearchQuery.Parse(reader.Text("q", SearchQuery.MaxLength) ?? "");
        if (query.IsEmpty)
            reader.Wrong("q", "must have at least one letter or digit");
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: results come by score");
        var mode = SearchModes.Parse(reader.OneOf("mode", SearchModes.All));
        query = query with { Filters = [.. query.Filters, .. Filters(reader)] };
        reader.ThrowIfWrong();
        return (list, query, mode);
    }

    private static IEnumerable<SearchFilter> Filters(QueryReader reader)
    {
        var kinds = ResourceKinds.All.Select(each => each.Word()).ToList();
        foreach (var name in (FilterName[])[FilterName.Kind, FilterName.Category, FilterName.Plugin, FilterName.Source, FilterName.Model, FilterName.Tool, FilterName.Tag])
        {
            var parameter = name.ToString().ToLowerInvariant();
            foreach (var value in reader.Texts(parameter))
            {
                if (name == FilterName.Kind && !kinds.Contains(value, StringComparer.Ordinal))
                    reader.Wrong(parameter, $"must be one of {string.Join(", ", kinds)}");
                yield return new(name, value);
            }
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

/// <summary>What version 1 answers to a search: the results by name, the best first.</summary>
public sealed record LegacyResults(bool Success, string Query, IReadOnlyDictionary<string, SearchResult> Results, int Count, EnvelopeMetadata Metadata);
