using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>A request's spans: the valid ones, and how many were not, with the first reason.</summary>
/// <param name="window">Start times that are taken: neither so old that they would be pruned at once, nor from a clock that runs ahead.</param>
/// <param name="maxSpans">More spans than this refuse the request.</param>
/// <param name="maxBytes">As does more than this in all spans together, as they are stored: what is short in a body can be long there.</param>
/// <param name="redaction">What spans may say: whoever sent them, all viewers read them.</param>
public sealed class SpanBatch((long Earliest, long Latest) window, int maxSpans, long maxBytes, AttributeRedaction redaction)
{
    private const int MaxNameLength = 512;
    private const int MaxMessageLength = 4_096;
    private long _bytes;

    public AttributeRedaction Redaction { get; } = redaction;

    public List<SpanRecord> Spans { get; } = [];

    public int Rejected { get; private set; }

    public string? Reason { get; private set; }

    /// <summary>Checks <paramref name="draft"/> and keeps or rejects it.</summary>
    public void Add(SpanSource source, SpanDraft draft)
    {
        if (Spans.Count + Rejected == maxSpans)
            throw new OtlpTooLargeException($"The request has more than {maxSpans} spans; export smaller batches.");
        if (Problem(draft) is { } problem)
        {
            Rejected++;
            Reason ??= problem;
            return;
        }
        var span = new SpanRecord
        {
            TraceId = draft.TraceId!,
            SpanId = draft.SpanId!,
            ParentSpanId = draft.ParentSpanId is { Length: 8 } parent && parent.AsSpan().ContainsAnyExcept((byte)0) ? parent : null,
            Service = source.Service,
            InstanceId = source.InstanceId,
            Scope = source.Scope,
            Name = draft.Name is { Length: > 0 } name ? Redacted(name, MaxNameLength) : "unnamed",
            Kind = (short)(draft.Kind is >= 0 and <= 5 ? draft.Kind : 0),
            StartUnixNano = (long)draft.Start,
            // A clock that was set back between the two readings must not lose the span.
            DurationNs = draft.End > draft.Start ? (long)Math.Min(draft.End - draft.Start, (ulong)(long.MaxValue - (long)draft.Start)) : 0,
            Status = (short)(draft.Status is >= 0 and <= 2 ? draft.Status : 0),
            StatusMessage = draft.StatusMessage is { Length: > 0 } message ? Redacted(message, MaxMessageLength) : null,
            CorrelationId = CorrelationId.IsValid(draft.CorrelationId) ? draft.CorrelationId : null,
            Attributes = draft.Attributes,
            Events = draft.Events,
            Links = draft.Links,
        };
        if ((_bytes += span.Bytes) > maxBytes)
            throw new OtlpTooLargeException($"The request's spans have more than {maxBytes} bytes as they are stored; export smaller batches.");
        Spans.Add(span);
    }

    // Read far beyond what is kept, so that no secret is cut in two, and not without end.
    private static string Redacted(string text, int maxLength) =>
        StoredText.Clean(TextRedaction.Redact(text.Length <= 4 * maxLength ? text : text[..(4 * maxLength)]), maxLength);

    private string? Problem(SpanDraft draft) => draft switch
    {
        { TraceId: not { Length: 16 } } => "trace_id must have 16 bytes",
        { SpanId: not { Length: 8 } } => "span_id must have 8 bytes",
        _ when !draft.TraceId.AsSpan().ContainsAnyExcept((byte)0) => "trace_id must not be all zeros",
        _ when !draft.SpanId.AsSpan().ContainsAnyExcept((byte)0) => "span_id must not be all zeros",
        { ParentSpanId: { Length: not 0 and not 8 } } => "parent_span_id must have 8 bytes or none",
        _ when draft.Start < (ulong)window.Earliest => "start_time_unix_nano is older than what is kept",
        _ when draft.Start > (ulong)window.Latest => "start_time_unix_nano lies in the future",
        _ => null,
    };
}

/// <summary>Who made a span: its resource's service and instance, and its instrumentation scope.</summary>
public sealed record SpanSource(string Service, string? InstanceId, string? Scope);

/// <summary>A span as it was sent, nothing checked yet.</summary>
public sealed class SpanDraft
{
    public byte[]? TraceId { get; set; }

    public byte[]? SpanId { get; set; }

    public byte[]? ParentSpanId { get; set; }

    public string? Name { get; set; }

    public int Kind { get; set; }

    public ulong Start { get; set; }

    public ulong End { get; set; }

    public int Status { get; set; }

    public string? StatusMessage { get; set; }

    public string? CorrelationId { get; set; }

    public byte[]? Attributes { get; set; }

    public byte[]? Events { get; set; }

    public byte[]? Links { get; set; }
}
