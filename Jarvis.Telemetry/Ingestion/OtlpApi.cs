using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Redaction;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Quotas;
using Jarvis.Telemetry.Retention;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp). 200 means committed; 503 means send it again.</summary>
public static class OtlpApi
{
    public static RouteGroupBuilder MapIngestion(this IEndpointRouteBuilder routes)
    {
        var otlp = routes.MapGroup("/v1").WithTags("OTLP");
        otlp.MapPost("/traces", ExportAsync).RequireAuthorization(Policies.TelemetryWrite).WithName("export-traces").WithSummary("Takes spans as OTLP/HTTP, in protobuf or JSON, gzip or plain")
            .WithDescription("An ExportTraceServiceRequest; 200 only after the valid spans are committed. Failures of OTLP itself are a google.rpc.Status, in the content type that was sent.")
            .Accepts<OtlpTraces>(OtlpAnswer.Json, OtlpAnswer.Protobuf).WithFreeBody().Produces<OtlpAccepted>(200, OtlpAnswer.Json, OtlpAnswer.Protobuf)
            .Produces<OtlpStatus>(400, OtlpAnswer.Json, OtlpAnswer.Protobuf).Produces<OtlpStatus>(413, OtlpAnswer.Json, OtlpAnswer.Protobuf)
            .Produces<OtlpStatus>(429, OtlpAnswer.Json, OtlpAnswer.Protobuf)
            .Produces<OtlpStatus>(500, OtlpAnswer.Json, OtlpAnswer.Protobuf).Produces<OtlpStatus>(503, OtlpAnswer.Json, OtlpAnswer.Protobuf)
            .WithError(ErrorCode.MalformedRequest, "OTLP comes as application/x-protobuf or application/json.", status: 415).WithMetadata(new LargeBodyMetadata());
        return otlp;
    }

    private static async Task<Results<OtlpAnswer, Failure>> ExportAsync(
        HttpContext context, ReadSlots slots, SpanWriter writer, AccountQuota quota, IOptions<IngestionOptions> options, RetentionWindow retention, AttributeRedaction redaction,
        CancellationToken cancellationToken)
    {
        if (!TryReadHeaders(context.Request, out var json, out var gzip, out var refusal))
            return refusal!;
        try
        {
            var batch = new SpanBatch(retention.StartWindow(), options.Value.MaxSpansPerRequest, options.Value.MaxDecompressedBytes, redaction);
            using (var sent = await OtlpBody.ReadAsync(context, options.Value, cancellationToken))
            using (await slots.EnterAsync(context.RequiredCaller(), cancellationToken))
            using (var body = gzip ? await sent.UnzipAsync(options.Value, cancellationToken) : null)
                Parse((body ?? sent).Bytes, json, options.Value, batch);
            await StoreAsync(context.RequiredCaller(), batch.Spans, writer, quota, cancellationToken);
            return OtlpAnswer.Accepted(json, batch.Rejected, batch.Reason);
        }
        catch (OtlpFormatException exception)
        {
            return OtlpAnswer.Malformed(json, exception.Message);
        }
        catch (OtlpTooLargeException exception)
        {
            return OtlpAnswer.TooLarge(json, exception.Message);
        }
        catch (IngestionUnavailableException exception)
        {
            return OtlpAnswer.Unavailable(json, exception.Message);
        }
        catch (NpgsqlException)
        {
            return OtlpAnswer.Unavailable(json, "Postgres does not answer. Try again shortly.");
        }
        catch (FailureException exception) when (exception.Failure.Code == ErrorCode.RateLimited)
        {
            return OtlpAnswer.Exhausted(json, exception.Message, exception.Failure.RetryAfter ?? TimeSpan.Zero);
        }
        catch (SpansRefusedException exception)
        {
            return OtlpAnswer.Internal(json, exception.Message);
        }
    }

    private static async Task StoreAsync(Caller caller, IReadOnlyList<SpanRecord> spans, SpanWriter writer, AccountQuota quota, CancellationToken cancellationToken)
    {
        var bytes = spans.Sum(span => (long)span.Bytes);
        await quota.TakeAsync(caller, QuotaKind.Bytes, bytes, cancellationToken);
        try
        {
            await writer.WriteAsync(spans, cancellationToken);
        }
        catch
        {
            quota.Return(caller, QuotaKind.Bytes, bytes);
            throw;
        }
    }

    private static void Parse(ReadOnlyMemory<byte> body, bool json, IngestionOptions options, SpanBatch batch)
    {
        if (json)
            OtlpJson.Read(body, batch, options.MaxJsonTokens);
        else
            OtlpProtobuf.Read(body.Span, batch);
    }

    private static bool TryReadHeaders(HttpRequest request, out bool json, out bool gzip, out Failure? refusal)
    {
        var type = MediaTypeHeaderValue.TryParse(request.ContentType, out var media) ? media.MediaType.Value : null;
        json = string.Equals(type, OtlpAnswer.Json, StringComparison.OrdinalIgnoreCase);
        var protobuf = string.Equals(type, OtlpAnswer.Protobuf, StringComparison.OrdinalIgnoreCase);
        var encoding = request.Headers.ContentEncoding.ToString();
        gzip = string.Equals(encoding, "gzip", StringComparison.OrdinalIgnoreCase);
        var plain = encoding.Length == 0 || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase);
        refusal = (json || protobuf, gzip || plain) switch
        {
            (false, _) => Unsupported($"OTLP comes as {OtlpAnswer.Protobuf} or {OtlpAnswer.Json}."),
            (_, false) => Unsupported("The body may be compressed with gzip, with nothing else."),
            _ => null,
        };
        return refusal is null;
    }

    private static Failure Unsupported(string detail) => new(ErrorCode.MalformedRequest, detail) { Status = StatusCodes.Status415UnsupportedMediaType };
}
