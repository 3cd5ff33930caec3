using System.Text;
using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Resources;

/// <summary>The five kinds, each as list, one, and content.</summary>
public static class ResourcesApi
{
    public static IEndpointRouteBuilder MapResources(this IEndpointRouteBuilder api)
    {
        api.MapKind<Agent, AgentPage>(ResourceKind.Agent, (items, page) => new(items, page));
        api.MapKind<Command, CommandPage>(ResourceKind.Command, (items, page) => new(items, page));
        api.MapKind<Skill, SkillPage>(ResourceKind.Skill, (items, page) => new(items, page));
        api.MapKind<McpServer, McpServerPage>(ResourceKind.McpServer, (items, page) => new(items, page));
        api.MapKind<Workflow, WorkflowPage>(ResourceKind.Workflow, (items, page) => new(items, page));
        return api;
    }

    private static void MapKind<T, TPage>(this IEndpointRouteBuilder api, ResourceKind kind, Func<IReadOnlyList<T>, Pagination, TPage> page)
        where T : Resource
    {
        var (route, spoken) = (kind.Route(), kind.Spoken());
        var group = api.MapGroup(route).WithTags("Catalog").ProducesProblem(503);

        group.MapGet("/", (CatalogStore store, HttpContext context) => List(kind, page, store, context))
            .WithName($"list-{route}").WithSummary($"Every {spoken}, page by page; sort by name, updated_at or category, with - before it for descending");
        group.MapGet("/{id}", (string id, CatalogStore store, HttpContext context) => One<T>(kind, id, store, context))
            .WithName($"get-{kind.Word()}").WithSummary($"One {spoken}, by its id or its name");
        group.MapGet("/{id}/content", (string id, bool? raw, CatalogStore store, HttpContext context) => Content(kind, id, raw, store, context))
            .WithName($"get-{kind.Word()}-content").WithSummary($"The text of one {spoken}, in the envelope; as it is with ?raw=true or when Accept asks for its media type");
    }

    private static Results<Enveloped<TPage>, StatusCodeHttpResult> List<T, TPage>(
        ResourceKind kind, Func<IReadOnlyList<T>, Pagination, TPage> page, CatalogStore store, HttpContext context)
        where T : Resource
    {
        var reader = new QueryReader(context.Request.Query);
        var query = ListQuery.Read(reader);
        var sort = reader.OneOf("sort", Shelf.Sorts) ?? "name";
        reader.ThrowIfWrong();

        var snapshot = store.Snapshot;
        if (EntityTags.IsKnown(context, snapshot.Version))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);

        var entries = snapshot[kind].By(sort);
        if (query.Category is { } category)
            entries = [.. entries.Where(entry => Categories.Same(entry.Resource.Category, category))];
        var items = entries.Skip(query.Offset).Take(query.Limit).Select(entry => (T)entry.Resource).ToList();
        return Enveloped.Ok(page(items, Pagination.Of(query, entries.Count)));
    }

    private static Results<Enveloped<T>, StatusCodeHttpResult, Failure> One<T>(ResourceKind kind, string id, CatalogStore store, HttpContext context)
        where T : Resource
    {
        if (store.Snapshot[kind].Find(id) is not { } entry)
            return NotFound(kind, id);
        return EntityTags.IsKnown(context, entry.Hash) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : Enveloped.Ok((T)entry.Resource);
    }

    private static Results<Enveloped<ContentAnswer>, FileContentHttpResult, StatusCodeHttpResult, Failure> Content(
        ResourceKind kind, string id, bool? raw, CatalogStore store, HttpContext context)
    {
        if (store.Snapshot[kind].Find(id) is not { } entry)
            return NotFound(kind, id);

        var (resource, content) = (entry.Resource, entry.Content);
        var asIs = raw ?? WantsRaw(context.Request, content.MediaType);
        context.Response.Headers.Vary = "Accept";
        if (EntityTags.IsKnown(context, $"{entry.Hash}-{(asIs ? "raw" : "json")}"))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return asIs
            ? TypedResults.Bytes(content.Utf8, $"{content.MediaType}; charset=utf-8")
            : Enveloped.Ok(new ContentAnswer(resource.Id, Encoding.UTF8.GetString(content.Utf8), content.MediaType, content.Encoding, resource.SizeBytes, resource.UpdatedAt));
    }

    // JSON is what the envelope is too, so that only ?raw=true tells the two apart; Markdown can be asked for.
    private static bool WantsRaw(HttpRequest request, string mediaType) =>
        mediaType == "text/markdown" && request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == mediaType);

    private static Failure NotFound(ResourceKind kind, string id) => Failure.NotFound($"No {kind.Spoken()} is named '{(id.Length <= 100 ? id : $"{id[..100]}…")}'.");
}
