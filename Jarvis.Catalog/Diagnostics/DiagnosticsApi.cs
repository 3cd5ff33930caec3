using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Catalog.Diagnostics;

/// <summary>A page of diagnostics.</summary>
/// <param name="States">How many there are of each state, within the same source, before <c>?state=</c> narrows.</param>
public sealed record DiagnosticPage(IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<string, int> States, Pagination Pagination);

/// <summary>What the reader noticed: nothing is silently missing.</summary>
public static class DiagnosticsApi
{
    public static IEndpointRouteBuilder MapDiagnostics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/catalog/diagnostics", List).WithTags("Catalog").ProducesProblem(503)
            .WithName("list-catalog-diagnostics").WithSummary("Every file that was refused, left out or read with a doubt, and how to mend it; ?state= and ?source= narrow");
        return api;
    }

    private static Enveloped<DiagnosticPage> List(CatalogStore store, HttpContext context)
    {
        var snapshot = store.Snapshot;
        var reader = new QueryReader(context.Request.Query);
        var list = ListQuery.Read(reader);
        var state = reader.OneOf("state", [.. Enum.GetValues<DiagnosticState>().Select(Word)]);
        var source = reader.OneOf("source", [.. snapshot.Sources.Select(each => each.Name)]);
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: diagnostics come by source and path");
        reader.ThrowIfWrong();

        var ofSource = snapshot.Diagnostics.Where(diagnostic => source is null || diagnostic.Source == source).ToList();
        var states = Enum.GetValues<DiagnosticState>().ToDictionary(Word, each => ofSource.Count(diagnostic => diagnostic.State == each), StringComparer.Ordinal);
        var matching = state is null ? ofSource : ofSource.FindAll(diagnostic => Word(diagnostic.State) == state);
        return Enveloped.Ok(new DiagnosticPage([.. matching.Skip(list.Offset).Take(list.Limit)], states, Pagination.Of(list, matching.Count)));
    }

    private static string Word(DiagnosticState state) => state.ToString().ToLowerInvariant();
}
