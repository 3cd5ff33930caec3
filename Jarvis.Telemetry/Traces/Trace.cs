using System.Text.Json;
using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Telemetry.Traces;

/// <summary>A page of traces, newest first.</summary>
public sealed record TracePage(IReadOnlyList<TraceSummary> Traces, CursorPagination Pagination)
{
    /// <summary>
    /// From when on traces were looked for: as it was asked for, or 24 hours. Null when a correlation ID was given without it: then all
    /// times are looked through.
    /// </summary>
    public DateTimeOffset? Since { get; init; }
}

/// <summary>
/// One trace in a list. Its root is the span without a parent, or the earliest one while there is none; it lasts from the first span's
/// start to the last one's end.
/// </summary>
public sealed record TraceSummary(
    string TraceId, string? CorrelationId, string RootName, string RootService, DateTimeOffset StartedAt, double DurationMs,
    long SpanCount, long ErrorCount, IReadOnlyList<string> Services)
{
    /// <summary>
    /// Only when the list was asked for by correlation ID: the trace's spans by start time, as in <see cref="TraceDetail"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Span>? Spans { get; init; }

    /// <summary>Whether <see cref="Spans"/> holds fewer spans than there are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Truncated { get; init; }
}

/// <summary>
/// One trace with its spans, ordered by start; the tree is in their <c>parent_span_id</c> and <c>depth</c>. When it is truncated the
/// earliest spans are here.
/// </summary>
public sealed record TraceDetail(TraceSummary Trace, IReadOnlyList<Span> Spans, bool Truncated);

/// <summary>
/// One span. <c>depth</c> counts the steps to a span whose parent is not here (0). <c>start_unix_nano</c> is exact, and text because JSON
/// numbers
/// of that size are not; <c>offset_ms</c> counts from the trace's start. <c>kind</c> is <c>internal</c>,
/// <c>server</c>, <c>client</c>, <c>producer</c>, <c>consumer</c> or <c>unspecified</c>, <c>status</c> is <c>unset</c>, <c>ok</c> or
/// <c>error</c>.
/// </summary>
public sealed record Span(
    string SpanId, string? ParentSpanId, int Depth, string Service, string? InstanceId, string? Scope, string Name, string Kind,
    DateTimeOffset StartedAt, string StartUnixNano, double OffsetMs, double DurationMs, string Status, string? StatusMessage,
    string? CorrelationId, JsonElement? Attributes, JsonElement? Events, JsonElement? Links);
