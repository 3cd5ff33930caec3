using Jarvis.ServiceDefaults.Redaction;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

internal static class Samples
{
    public const ulong Start = 1_780_000_000_123_456_789;

    public static readonly byte[] TraceId = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    public static readonly byte[] SpanId = [.. Enumerable.Range(1, 8).Select(i => (byte)i)];
    public static readonly byte[] ParentId = [.. Enumerable.Range(11, 8).Select(i => (byte)i)];

    public static SpanBatch Batch(int maxSpans = 1_000) => new((1_000_000_000_000_000_000, 2_000_000_000_000_000_000), maxSpans, long.MaxValue, new AttributeRedaction(recordPrompts: false));

    public static Wire Span() => new Wire().Bytes(1, TraceId).Bytes(2, SpanId).Bytes(4, ParentId).Text(5, "GET /lamps").Varint(6, 3)
        .Fixed64(7, Start).Fixed64(8, Start + 1_500).Message(9, Wire.TextAttribute("correlation.id", "lamp-story-1"))
        .Message(15, new Wire().Text(2, "too dark").Varint(3, 2));

    public static Wire Request(params Wire[] spans)
    {
        var scope = new Wire().Message(1, new Wire().Text(1, "Lamps"));
        foreach (var span in spans)
            scope.Message(2, span);
        var resource = new Wire().Message(1, Wire.TextAttribute("service.name", "lamps")).Message(1, Wire.TextAttribute("service.instance.id", "lamps-1"));
        return new Wire().Message(1, new Wire().Message(2, scope).Message(1, resource));
    }

    public static SpanRecord Record(byte number = 1) => new()
    {
        TraceId = TraceId,
        SpanId = [number, .. SpanId[1..]],
        Service = "lamps",
        Name = "light",
        Kind = 1,
        StartUnixNano = (long)Start,
        DurationNs = 1,
        Status = 0,
    };
}
