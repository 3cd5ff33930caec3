using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;

namespace Jarvis.Catalog.Effective;

/// <summary>A page of names.</summary>
public sealed record EffectivePage(IReadOnlyList<EffectiveName> Names, Pagination Pagination);

/// <summary>Which resource a name stands for when several have it.</summary>
public static class EffectiveApi
{
    public static IEndpointRouteBuilder MapEffective(this IEndpointRouteBuilder api)
    {
        api.MapGet("/catalog/effective", List).WithTags("Catalog").Produces<Envelope<EffectivePage>>().ProducesProblem(422).ProducesProblem(503)
            .WithName("list-effective-names")
            .WithSummary("Names that several resources have: which one Claude Code takes, what it shadows, and why")
            .WithPaging().WithFlag("all", "Whether names of one resource only are listed too.")
            .WithQuery("kind", "Only names of this kind.", oneOf: ResourceKinds.All.Select(kind => kind.Word())).WithQuery("name", "Only this name.", "code-reviewer").WithETag().Judges("sort", "category");
        return api;
    }

    private static Prepared List(CatalogStore store, HttpContext context)
    {
        var reader = new QueryReader(context.Request.Query);
        var list = ListQuery.Read(reader);
        var all = reader.OneOf("all", "true", "false") == "true";
        var kind = reader.OneOf("kind", [.. ResourceKinds.All.Select(each => each.Word())]);
        var name = reader.Text("name");
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: names come in their order");
        if (list.Category is not null)
            reader.Wrong("category", "is not taken: names have none");
        reader.ThrowIfWrong();

        var snapshot = store.Snapshot;
        var (names, total) = EffectiveIndex.Of(snapshot).Page(all, kind is null ? null : ResourceKinds.All.First(each => each.Word() == kind), name, list.Offset, list.Limit);
        return Prepared.Ok(PreparedBody.Of(new EffectivePage(names, Pagination.Of(list, total)), snapshot.Version), snapshot.Version);
    }
}
