using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>An ExportTraceServiceRequest in JSON, as the API description shows it; what is in it is OpenTelemetry's to say.</summary>
public sealed record OtlpTraces([property: JsonPropertyName("resourceSpans")] IReadOnlyList<JsonElement> ResourceSpans);

/// <summary>An ExportTraceServiceResponse in JSON.</summary>
public sealed record OtlpAccepted
{
    /// <summary>Only when spans were rejected; they must not be sent again.</summary>
    [JsonPropertyName("partialSuccess"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OtlpPartialSuccess? PartialSuccess { get; init; }
}

/// <summary>What was rejected, and why.</summary>
/// <param name="RejectedSpans">A whole number, as text.</param>
public sealed record OtlpPartialSuccess(
    [property: JsonPropertyName("rejectedSpans")] string RejectedSpans, [property: JsonPropertyName("errorMessage")] string ErrorMessage);

/// <summary>A google.rpc.Status in JSON.</summary>
/// <param name="Code">gRPC's, the one that goes with the HTTP status.</param>
public sealed record OtlpStatus(int Code, string Message);
