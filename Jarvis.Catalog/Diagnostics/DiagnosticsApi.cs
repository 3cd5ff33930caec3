using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;

namespace Jarvis.Catalog.Diagnostics;

/// <summary>A page of diagnostics.</summary>
/// <param name="States">How many there are of each state, within the same filters, before <c>?state=</c> narrows.</param>
/// <param name="Severities">How many there are of each severity among the matching ones.</param>
/// <param name="Codes">How many there are of each code among the matching ones, most frequent first.</param>
public sealed record DiagnosticPage(
    IReadOnlyList<Diagnostic> Diagnostics, IReadOnlyDictionary<string, int> States, IReadOnlyDictionary<string, int> Severities,
    IReadOnlyDictionary<string, int> Codes, Pagination Pagination);

/// <summary>What the reader noticed: nothing is silently missing.</summary>
public static class DiagnosticsApi
{
    public static IEndpointRouteBuilder MapDiagnostics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/catalog/diagnostics", List).WithTags("Catalog").Produces<Envelope<DiagnosticPage>>().ProducesProblem(422).ProducesProblem(503)
            .WithName("list-catalog-diagnostics")
            .WithSummary("Every file that was refused, left out or read with a doubt, and how to mend it")
            .WithPaging().WithQuery("state", "Only those of files in this state.", oneOf: Enum.GetValues<DiagnosticState>().Select(Word))
            .WithQuery("severity", "Only those of this severity.", oneOf: Enum.GetValues<DiagnosticSeverity>().Select(Word))
            .WithQuery("kind", "Only those of this kind of resource.", oneOf: ResourceKinds.All.Select(kind => kind.Word()))
            .WithQuery("code", "Only those with this code.", "lint_webhook_open", maxLength: 64).WithQuery("source", "Only those of this library.", "library").WithETag().Judges("sort");
        return api;
    }

    private static Prepared List(CatalogStore store, HttpContext context)
    {
        var snapshot = store.Snapshot;
        var reader = new QueryReader(context.Request.Query);
        var list = ListQuery.Read(reader);
        var state = reader.OneOf("state", [.. Enum.GetValues<DiagnosticState>().Select(Word)]);
        var severity = reader.OneOf("severity", [.. Enum.GetValues<DiagnosticSeverity>().Select(Word)]);
        var kind = reader.OneOf("kind", [.. ResourceKinds.All.Select(each => each.Word())]);
        var code = reader.Text("code", 64);
        var source = reader.OneOf("source", [.. snapshot.Sources.Select(each => each.Name)]);
        if (list.Sort is not null)
            reader.Wrong("sort", "is not taken: diagnostics come by source and path");
        reader.ThrowIfWrong();

        var narrowed = snapshot.Diagnostics.Where(diagnostic => (source is null || diagnostic.Source == source) && (code is null || diagnostic.Code == code)
            && (kind is null || diagnostic.Kind?.Word() == kind) && (severity is null || Word(diagnostic.Severity) == severity)).ToList();
        var matching = state is null ? narrowed : narrowed.FindAll(diagnostic => Word(diagnostic.State) == state);
        var codes = matching.CountBy(diagnostic => diagnostic.Code, StringComparer.Ordinal)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        // They may change while the resources, and so the version, stay.
        return Prepared.Ok(PreparedBody.OfContent(new DiagnosticPage([.. matching.Skip(list.Offset).Take(list.Limit)], Counts<DiagnosticState>(narrowed, each => each.State),
            Counts<DiagnosticSeverity>(matching, each => each.Severity), codes, Pagination.Of(list, matching.Count))), snapshot.Version);
    }

    private static Dictionary<string, int> Counts<T>(List<Diagnostic> diagnostics, Func<Diagnostic, T> of)
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(Word, each => diagnostics.Count(diagnostic => EqualityComparer<T>.Default.Equals(of(diagnostic), each)), StringComparer.Ordinal);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
