using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Telemetry.Traces;

public static class TracesApi
{
    public static RouteGroupBuilder MapTraces(this IEndpointRouteBuilder routes)
    {
        var traces = routes.MapGroup("/api/v2").WithTags("Traces");
        traces.MapGet("/traces", ListAsync).RequireAuthorization(Policies.Viewer).WithName("ListTraces")
            .WithSummary("Traces, newest first; with correlation_id also their spans, so that one call tells the whole story");
        traces.MapGet("/traces/{traceId}", GetAsync).RequireAuthorization(Policies.Viewer).WithName("GetTrace").WithSummary("One trace with its spans");
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

    private static async Task<Results<Enveloped<TraceDetail>, Failure>> GetAsync(string traceId, TraceQueries queries, CancellationToken cancellationToken)
    {
        if (!TryParseId(traceId, out var id))
            return Failure.Invalid("trace_id", "must be 32 hex digits, not all zeros");
        return await queries.FindAsync(id, cancellationToken) is { } trace
            ? Enveloped.Ok(trace)
            : Failure.NotFound($"No trace has the id {Convert.ToHexStringLower(id)}. It may have been pruned, or its spans are still on their way.");
    }
}
