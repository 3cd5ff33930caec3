using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Telemetry.Traces;

public static class TracesApi
{
    public static RouteGroupBuilder MapTraces(this IEndpointRouteBuilder routes)
    {
        var traces = routes.MapGroup("/api/v2").WithTags("Traces");
        traces.MapGet("/traces", ListAsync).RequireAuthorization(Policies.Viewer).WithName("list-traces")
            .WithSummary("Traces, newest first; with correlation_id also their spans, so that one call tells the whole story")
            .WithCursor("GFhOF0yYgABL-S81d7NNopKNHZ4LnA52").WithQuery("correlation_id", "Only traces of the request with this ID, and with their spans.", "order-4711")
            .WithQuery("service", "Only traces that this service has a span in.", "catalog").WithQuery("name", "Only traces whose root has this name.", "GET /api/v2/search", maxLength: 512)
            .WithQuery("min_duration_ms", "Only traces that lasted so long.", 0, 604_800_000, example: 250).WithFlag("error", "Only traces with a failed span, or only those without.")
            .WithQuery("since", "Only traces that began then or later; without it, and without `correlation_id`, those of the 24 hours before `until`.", "2026-11-20T09:00:00Z", format: "date-time").WithQuery("until", "Only traces that began before.", "2026-11-20T10:00:00Z", format: "date-time");
        traces.MapGet("/traces/{trace_id}", GetAsync).RequireAuthorization(Policies.Viewer).WithName("get-trace").WithSummary("One trace with its spans, the first 1,000 at most")
            .WithPath("trace_id", "The trace's id: 32 hex digits.", "4bf92f3577b34da6a2ce929d0e0e4736")
            .WithError(ErrorCode.ResourceNotFound, "No trace has the id 4bf92f3577b34da6a2ce929d0e0e4737. It may have been pruned, or its spans are still on their way.")
            .WithError(ErrorCode.Validation, "One field is wrong: trace_id.", new() { ["errors"] = new System.Text.Json.Nodes.JsonObject { ["trace_id"] = new System.Text.Json.Nodes.JsonArray("must be 32 hex digits, not all zeros") } });
        return traces;
    }

    /// <summary>Parses a trace id as W3C writes it: 32 hex digits, not all zeros.</summary>
    public static bool TryParseId(string text, out byte[] traceId)
    {
        traceId = new byte[16];
        return text.Length == 32
            && Convert.FromHexString(text, traceId, out _, out _) == System.Buffers.OperationStatus.Done
            && traceId.AsSpan().ContainsAnyExcept((byte)0);
    }

    private static async Task<Enveloped<TracePage>> ListAsync(TraceFilter filter, TraceQueries queries, CancellationToken cancellationToken) =>
        Enveloped.Ok(await queries.ListAsync(filter, cancellationToken));

    private static async Task<Results<Enveloped<TraceDetail>, Failure>> GetAsync([FromRoute(Name = "trace_id")] string traceId, TraceQueries queries, CancellationToken cancellationToken)
    {
        if (!TryParseId(traceId, out var id))
            return Failure.Invalid("trace_id", "must be 32 hex digits, not all zeros");
        return await queries.FindAsync(id, cancellationToken) is { } trace
            ? Enveloped.Ok(trace)
            : Failure.NotFound($"No trace has the id {Convert.ToHexStringLower(id)}. It may have been pruned, or its spans are still on their way.");
    }
}
