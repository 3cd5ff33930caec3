using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Library;

/// <summary>The library folders as the last scan left them.</summary>
/// <param name="Version">Of the catalog; null while the first scan runs.</param>
public sealed record SourcesAnswer(string? Version, IReadOnlyList<SourceReport> Sources);

/// <summary>What a reload gave.</summary>
/// <param name="Version">Null when the scan is still running (202).</param>
public sealed record ReloadAnswer(string? Version, int? Resources, bool Done);

/// <summary>Where resources come from, and how to read them again at once.</summary>
public static class SourcesApi
{
    private static readonly TimeSpan ReloadWait = TimeSpan.FromSeconds(20);

    public static IEndpointRouteBuilder MapSources(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/catalog").WithTags("Catalog");
        group.MapGet("/sources", List)
            .WithName("list-catalog-sources").WithSummary("The library folders: state, counts by kind, diagnostics, last scan");
        group.MapPost("/reload", ReloadAsync).RequireAuthorization(Policies.Operator).ProducesProblem(503)
            .WithName("reload-catalog").WithSummary("Scans now and answers when it is done; 202 when that takes longer than 20 seconds").Answers(200, 202)
            .WithError(ErrorCode.ServiceUnavailable, "The scan failed; the last catalog stays. The correlation ID finds the cause in the logs.", new() { ["service"] = "catalog" });
        return api;
    }

    private static Enveloped<SourcesAnswer> List(CatalogStore store, LibraryScanner scanner) => Enveloped.Ok(store.Current is { } snapshot
        ? new SourcesAnswer(snapshot.Version, snapshot.Sources)
        : new(null, [.. scanner.Sources.Select(source => new SourceReport(source.Name, source.Configured, SourceState.Scanning, 0, new(0, 0, 0, 0, 0), 0, null, null, false))]));

    private static async Task<Results<Enveloped<ReloadAnswer>, Failure>> ReloadAsync(ScanSignal signal, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await signal.Ask().WaitAsync(ReloadWait, time, cancellationToken);
            return Enveloped.Ok(new ReloadAnswer(snapshot.Version, snapshot.Entries.Count, Done: true));
        }
        catch (TimeoutException)
        {
            return Enveloped.Accepted(new ReloadAnswer(null, null, Done: false), "/api/v2/catalog/sources");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return Failure.Unavailable("catalog", "The scan failed; the last catalog stays. The correlation ID finds the cause in the logs.");
        }
    }
}
