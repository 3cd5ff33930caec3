namespace Jarvis.Telemetry.Ingestion;

/// <summary>A span as it is stored: checked, bounded, and with its attributes, events and links as JSON (UTF-8).</summary>
public sealed record SpanRecord
{
    public required byte[] TraceId { get; init; }

    public required byte[] SpanId { get; init; }

    public byte[]? ParentSpanId { get; init; }

    public required string Service { get; init; }

    public string? InstanceId { get; init; }

    public string? Scope { get; init; }

    public required string Name { get; init; }

    /// <summary>OTLP's SpanKind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</summary>
    public required short Kind { get; init; }

    public required long StartUnixNano { get; init; }

    public required long DurationNs { get; init; }

    /// <summary>OTLP's StatusCode: 0 unset, 1 ok, 2 error.</summary>
    public required short Status { get; init; }

    public string? StatusMessage { get; init; }

    public string? CorrelationId { get; init; }

    public byte[]? Attributes { get; init; }

    public byte[]? Events { get; init; }

    public byte[]? Links { get; init; }

    /// <summary>About what the span takes in memory while it waits to be stored.</summary>
    public int Bytes =>
        Overhead + (2 * ((Service.Length + Name.Length) + (InstanceId?.Length ?? 0) + (Scope?.Length ?? 0) + (StatusMessage?.Length ?? 0) + (CorrelationId?.Length ?? 0)))
        + (Attributes?.Length ?? 0) + (Events?.Length ?? 0) + (Links?.Length ?? 0);

    // The record, its ids, and the headers of its texts and arrays.
    private const int Overhead = 400;
}
