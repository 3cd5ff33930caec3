using System.ComponentModel.DataAnnotations;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Bounds of the OTLP endpoint and of the writer behind it; section <c>Ingestion</c>.</summary>
public sealed record IngestionOptions
{
    /// <summary>Bytes of a request's body as sent, compressed or not.</summary>
    [Range(1_024, 1_073_741_824)]
    public int MaxBodyBytes { get; init; } = 8 * 1_048_576;

    /// <summary>Bytes of a body after decompression.</summary>
    [Range(1_024, 1_073_741_824)]
    public int MaxDecompressedBytes { get; init; } = 64 * 1_048_576;

    /// <summary>Spans in one request.</summary>
    [Range(1, 10_000_000)]
    public int MaxSpansPerRequest { get; init; } = 50_000;

    /// <summary>Values, names and brackets of a body in JSON: each costs memory while it is read, however short it is.</summary>
    [Range(1_024, 100_000_000)]
    public int MaxJsonTokens { get; init; } = 4_000_000;

    /// <summary>
    /// Bodies that are unpacked and parsed at the same time, half of them at most of one account; further ones wait. It is work for a
    /// processor, so that one each is enough.
    /// </summary>
    [Range(1, 1_024)]
    public int MaxConcurrentReads { get; init; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Requests with spans or metrics that one account may have under way, its slow ones too; further ones wait.</summary>
    [Range(1, 1_024)]
    public int MaxRequestsPerAccount { get; init; } = 8;

    /// <summary>Spans that wait for the writer; beyond it exporters are told to come back later.</summary>
    [Range(1, 10_000_000)]
    public int MaxQueuedSpans { get; init; } = 100_000;

    /// <summary>
    /// Bytes of the spans that wait for the writer, with their attributes, events and links; beyond it exporters are told to come back
    /// later.
    /// </summary>
    [Range(1_048_576, 17_179_869_184)]
    public long MaxQueuedBytes { get; init; } = 128 * 1_048_576;

    /// <summary>Bytes of spans in one transaction, unless a single request holds more.</summary>
    [Range(1_048_576, 1_073_741_824)]
    public int MaxBatchBytes { get; init; } = 32 * 1_048_576;

    /// <summary>Spans in one transaction, unless a single request holds more.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatchSpans { get; init; } = 10_000;

    /// <summary>Milliseconds that the writer waits for company before it commits a small batch; 0 commits at once.</summary>
    [Range(0, 1_000)]
    public int LingerMs { get; init; } = 20;

    /// <summary>Seconds that a request waits for its turn and for its commit before it is told to come back later.</summary>
    [Range(1, 300)]
    public int CommitTimeoutSeconds { get; init; } = 8;
}
