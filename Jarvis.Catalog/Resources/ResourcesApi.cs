using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Resources;

/// <summary>The five kinds, each as list, one, and content.</summary>
public static class ResourcesApi
{
    /// <summary>Everything of a kind in one answer of version 1, up to this many.</summary>
    private const int MaxLegacy = 10_000;

    /// <summary>The ready answers, section <c>Catalog:Answers</c>, and their cache.</summary>
    public static WebApplicationBuilder AddResources(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<BodiesOptions>().BindConfiguration("Catalog:Answers").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ResourceBodies>();
        builder.Services.AddSingleton<ICountedCache>(services => services.GetRequiredService<ResourceBodies>().Cache);
        return builder;
    }

    public static IEndpointRouteBuilder MapResources(this IEndpointRouteBuilder api)
    {
        api.MapKind<Agent, AgentPage>(ResourceKind.Agent);
        api.MapKind<Command, CommandPage>(ResourceKind.Command);
        api.MapKind<Skill, SkillPage>(ResourceKind.Skill);
        api.MapKind<McpServer, McpServerPage>(ResourceKind.McpServer);
        api.MapKind<Workflow, WorkflowPage>(ResourceKind.Workflow);
        return api;
    }

    /// <summary>Version 1: <c>{"agents": {name: …}, "count"}</c>. The gateway adds what says that it is deprecated.</summary>
    public static IEndpointRouteBuilder MapLegacyResources(this IEndpointRouteBuilder v1)
    {
        foreach (var kind in ResourceKinds.All)
        {
            v1.MapGet(kind.Route(), (CatalogStore store, ResourceBodies bodies, HttpContext context) => Legacy(kind, store, bodies, context.Request.Query))
                .WithTags("Version 1").Produces(200, LegacyShape(kind), "application/json")
                .WithName($"v1-list-{kind.Route()}").WithSummary($"Every {kind.Spoken()} in the old shape, keyed by name")
                .WithQuery("limit", "At most so many items.", 1, MaxLegacy, MaxLegacy).WithQuery("offset", "Items to skip.", 0, int.MaxValue, 0)
                .WithETag().WithSuccessor($"/api/v2/{kind.Route()}");
        }

        return v1;
    }

    private static void MapKind<T, TPage>(this IEndpointRouteBuilder api, ResourceKind kind)
        where T : Resource
    {
        var (route, spoken) = (kind.Route(), kind.Spoken());
        var group = api.MapGroup(route).WithTags("Catalog").ProducesProblem(503);

        group.MapGet("/", (CatalogStore store, ResourceBodies bodies, HttpContext context) => List(kind, store, bodies, context.Request.Query))
            .Produces<Envelope<TPage>>()
            .WithName($"list-{route}").WithSummary($"Every {spoken}, page by page")
            .WithPaging(Shelf.Sorts, categories: true).WithETag();
        group.MapGet("/{id}", (string id, CatalogStore store, ResourceBodies bodies) => One(kind, id, store, bodies))
            .Produces<Envelope<T>>().ProducesProblem(404)
            .WithName($"get-{kind.Spoken().Replace(' ', '-').ToLowerInvariant()}").WithSummary($"One {spoken}").WithDescription($"By its id, its name, or `plugin:name`{(kind == ResourceKind.Workflow ? "; also by n8n's id" : "")}.")
            .WithPath("id", $"The {spoken}'s id or name.", Sample(kind)).WithError(ErrorCode.ResourceNotFound, $"No {spoken} is named 'nobody'.").WithETag();
        group.MapGet("/{id}/content", (string id, CatalogStore store, ResourceBodies bodies, HttpContext context) => Content(kind, id, store, bodies, context.Request))
            .Produces<Envelope<ContentAnswer>>().ProducesProblem(404)
            .WithName($"get-{kind.Spoken().Replace(' ', '-').ToLowerInvariant()}-content").WithSummary($"The text of one {spoken}")
            .WithDescription($"In the envelope; as it is with `raw=true`{(kind is ResourceKind.McpServer or ResourceKind.Workflow ? "" : " or when `Accept` asks for `text/markdown`")}. Literal secrets are masked{(kind == ResourceKind.Workflow ? ", recorded data is left out" : "")}.")
            .WithPath("id", $"The {spoken}'s id or name.", Sample(kind)).WithFlag("raw", "Whether the text comes as it is, without the envelope.")
            .WithRawAnswer(kind is ResourceKind.McpServer or ResourceKind.Workflow ? "application/json" : "text/markdown")
            .WithError(ErrorCode.ResourceNotFound, $"No {spoken} is named 'nobody'.").WithETag();
    }

    /// <summary>One that comes with Jarvis, for examples.</summary>
    private static string Sample(ResourceKind kind) => kind switch
    {
        ResourceKind.Agent => "code-reviewer",
        ResourceKind.Command => "review",
        ResourceKind.Skill => "openapi-review",
        ResourceKind.McpServer => "github",
        _ => "jarvis-echo",
    };

    private static Type LegacyShape(ResourceKind kind) => kind switch
    {
        ResourceKind.Agent => typeof(LegacyAgents),
        ResourceKind.Command => typeof(LegacyCommands),
        ResourceKind.Skill => typeof(LegacySkills),
        ResourceKind.McpServer => typeof(LegacyMcpServers),
        _ => typeof(LegacyWorkflows),
    };

    private static Prepared List(ResourceKind kind, CatalogStore store, ResourceBodies bodies, IQueryCollection given)
    {
        var reader = new QueryReader(given);
        var query = ListQuery.Read(reader);
        var sort = reader.OneOf("sort", Shelf.Sorts) ?? "name";
        reader.ThrowIfWrong();

        var snapshot = store.Snapshot;
        return Prepared.Ok(bodies.Page(snapshot, kind, sort, query.Category, query), snapshot.Version);
    }

    private static Results<Prepared, Failure> One(ResourceKind kind, string id, CatalogStore store, ResourceBodies bodies)
    {
        var snapshot = store.Snapshot;
        return snapshot[kind].Find(id) is { } entry ? Prepared.Ok(bodies.One(entry), snapshot.Version) : NotFound(kind, id);
    }

    private static Results<Prepared, Failure> Content(ResourceKind kind, string id, CatalogStore store, ResourceBodies bodies, HttpRequest request)
    {
        var reader = new QueryReader(request.Query);
        var raw = reader.OneOf("raw", "true", "false");
        reader.ThrowIfWrong();
        var snapshot = store.Snapshot;
        if (snapshot[kind].Find(id) is not { } entry)
            return NotFound(kind, id);
        return Prepared.Ok((raw is null ? WantsRaw(request, entry.Content.MediaType) : raw == "true") ? bodies.Raw(entry) : bodies.Content(entry), snapshot.Version);
    }

    private static Prepared Legacy(ResourceKind kind, CatalogStore store, ResourceBodies bodies, IQueryCollection given)
    {
        var reader = new QueryReader(given);
        var (limit, offset) = (reader.Whole("limit", MaxLegacy, 1, MaxLegacy), reader.Whole("offset", 0, 0, int.MaxValue));
        reader.ThrowIfWrong();
        var snapshot = store.Snapshot;
        return Prepared.Ok(bodies.Legacy(snapshot, kind, offset, limit), snapshot.Version);
    }

    // JSON is what the envelope is too, so that only ?raw=true tells the two apart; Markdown can be asked for.
    private static bool WantsRaw(HttpRequest request, string mediaType) =>
        mediaType == "text/markdown" && request.GetTypedHeaders().Accept.Any(accept => accept.MediaType == mediaType);

    private static Failure NotFound(ResourceKind kind, string id) => Failure.NotFound($"No {kind.Spoken()} is named '{(id.Length <= 100 ? id : $"{id[..100]}…")}'.");
}
