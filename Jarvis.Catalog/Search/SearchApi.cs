using System.Text;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Search;

/// <summary>A resource that was found.</summary>
/// <param name="Score">Higher is better; comparable within one answer only.</param>
/// <param name="Matched">The fields in which the query's words stand.</param>
/// <param name="Url">Where the whole record is.</param>
public sealed record SearchResult(
    string Id, ResourceKind Kind, string Name, string Description, string? Category, string Source, double Score, IReadOnlyList<MatchedFields> Matched,
    IReadOnlyList<Highlight> Highlights, string Url);

/// <summary>A page of results.</summary>
/// <param name="Facets">How many results each kind has, whatever kind was asked for.</param>
/// <param name="ModeUsed"><c>lexical</c>.</param>
public sealed record SearchAnswer(
    string Query, IReadOnlyList<SearchResult> Results, Pagination Pagination, IReadOnlyDictionary<string, int> Facets, string ModeUsed);

/// <summary>Search over all kinds.</summary>
public static class SearchApi
{
    public static IEndpointRouteBuilder MapSearch(this IEndpointRouteBuilder api)
    {
        api.MapGet("/search", Search).WithTags("Search").ProducesProblem(503)
            .WithName("search").WithSummary("Resources that match ?q=, best first; the last word counts as a prefix; ?kind= and ?category= narrow");
        return api;
    }

    private static Results<Enveloped<SearchAnswer>, StatusCodeHttpResult> Search(CatalogStore store, HttpContext context)
    {
        var reader = new QueryReader(context.Request.Query);
        var list = ListQuery.Read(reader);
        var text = reader.Text("q") ?? "";
        var kind = reader.OneOf("kind", [.. ResourceKinds.All.Select(each => each.Word())]);
        if (Ranker.Words(text).Count == 0)
            reader.Wrong("q", "must have at least one letter or digit");
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: results come by score");
        reader.ThrowIfWrong();

        var snapshot = store.Snapshot;
        if (EntityTags.IsKnown(context, snapshot.Version))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return Enveloped.Ok(Answer(snapshot, text, kind, list));
    }

    private static SearchAnswer Answer(CatalogSnapshot snapshot, string text, string? kind, ListQuery list)
    {
        var hits = snapshot.Ranker.Find(text)
            .Where(hit => list.Category is null || Categories.Same(snapshot.Entries[hit.Document].Resource.Category, list.Category)).ToList();
        var facets = ResourceKinds.All.ToDictionary(each => each.Word(), each => 0, StringComparer.Ordinal);
        foreach (var hit in hits)
            facets[snapshot.Entries[hit.Document].Resource.Kind.Word()]++;

        if (kind is not null)
            hits = hits.FindAll(hit => snapshot.Entries[hit.Document].Resource.Kind.Word() == kind);
        var words = Ranker.Words(text);
        var results = hits.Skip(list.Offset).Take(list.Limit).Select(hit => Result(snapshot.Entries[hit.Document], hit, words)).ToList();
        return new(text, results, Pagination.Of(list, hits.Count), facets, "lexical");
    }

    private static SearchResult Result(CatalogEntry entry, Hit hit, IReadOnlyList<string> words)
    {
        var resource = entry.Resource;
        var highlights = new List<Highlight?> { Highlighter.Of("name", resource.Name, words), Highlighter.Of("description", resource.Description, words) };
        if (highlights.TrueForAll(highlight => highlight is null) && entry.Content.MediaType == "text/markdown")
            highlights.Add(Highlighter.Of("body", Encoding.UTF8.GetString(entry.Content.Utf8), words));
        return new(resource.Id, resource.Kind, resource.Name, resource.Description, resource.Category, resource.Source, hit.Score,
            [.. Enum.GetValues<MatchedFields>().Where(field => field != MatchedFields.None && hit.Fields.HasFlag(field))],
            [.. highlights.OfType<Highlight>()], $"/api/v2/{resource.Kind.Route()}/{Uri.EscapeDataString(resource.Id)}");
    }
}
