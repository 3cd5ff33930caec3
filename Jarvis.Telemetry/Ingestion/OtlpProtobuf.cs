using Jarvis.ServiceDefaults.Correlation;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Reads an ExportTraceServiceRequest in protobuf (https://github.com/open-telemetry/opentelemetry-proto, trace/v1), straight from the
/// bytes into what is stored. Fields may come in any order, so each message is passed once for what its parts need to know.
/// </summary>
public static class OtlpProtobuf
{
    private const string UnknownService = "unknown_service";

    public static void Read(ReadOnlySpan<byte> body, SpanBatch batch)
    {
        using var json = new JsonBuffer(batch.Redaction);
        var request = new WireReader(body);
        while (request.Next())
        {
            if (request.IsBytes(1, out var resourceSpans))
                ReadResource(resourceSpans, batch, json);
            else
                request.Skip();
        }
    }

    private static void ReadResource(ReadOnlySpan<byte> message, SpanBatch batch, JsonBuffer json)
    {
        var source = new SpanSource(UnknownService, null, null);
        var first = new WireReader(message);
        while (first.Next())
        {
            if (first.IsBytes(1, out var resource))
                source = Source(resource, source);
            else
                first.Skip();
        }
        var second = new WireReader(message);
        while (second.Next())
        {
            if (second.IsBytes(2, out var scopeSpans))
                ReadScope(scopeSpans, source, batch, json);
            else
                second.Skip();
        }
    }

    private static SpanSource Source(ReadOnlySpan<byte> resource, SpanSource source)
    {
        var reader = new WireReader(resource);
        while (reader.Next())
        {
            if (!reader.IsBytes(1, out var attribute))
                reader.Skip();
            else if (Pair(attribute, out var value) is var key && key.SequenceEqual("service.name"u8))
                source = source with { Service = StoredText.Clean(TextOf(value) is { Length: > 0 } name ? name : UnknownService, 200) };
            else if (key.SequenceEqual("service.instance.id"u8))
                source = source with { InstanceId = StoredText.Clean(TextOf(value) ?? "", 200) };
        }
        return source;
    }

    private static void ReadScope(ReadOnlySpan<byte> message, SpanSource source, SpanBatch batch, JsonBuffer json)
    {
        var first = new WireReader(message);
        while (first.Next())
        {
            if (!first.IsBytes(1, out var scope))
            {
                first.Skip();
                continue;
            }
            var reader = new WireReader(scope);
            while (reader.Next())
            {
                if (reader.IsBytes(1, out var name))
                    source = source with { Scope = StoredText.Clean(WireReader.Text(name), 200) };
                else
                    reader.Skip();
            }
        }
        var second = new WireReader(message);
        while (second.Next())
        {
            if (second.IsBytes(2, out var span))
                batch.Add(source, ReadSpan(span, json));
            else
                second.Skip();
        }
    }

    private static SpanDraft ReadSpan(ReadOnlySpan<byte> message, JsonBuffer json)
    {
        var draft = new SpanDraft();
        bool hasAttributes = false, hasEvents = false, hasLinks = false;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.IsBytes(1, out var traceId))
                draft.TraceId = Id(traceId);
            else if (reader.IsBytes(2, out var spanId))
                draft.SpanId = Id(spanId);
            else if (reader.IsBytes(4, out var parent))
                draft.ParentSpanId = Id(parent);
            else if (reader.IsBytes(5, out var name))
                draft.Name = WireReader.Text(name);
            else if (reader.IsVarint(6, out var kind))
                draft.Kind = (int)kind;
            else if (reader.IsFixed64(7, out var start))
                draft.Start = start;
            else if (reader.IsFixed64(8, out var end))
                draft.End = end;
            else if (reader.IsBytes(15, out var status))
                ReadStatus(status, draft);
            else if (reader.IsBytes(9, out _))
                hasAttributes = true;
            else if (reader.IsBytes(11, out _))
                hasEvents = true;
            else if (reader.IsBytes(13, out _))
                hasLinks = true;
            else
                reader.Skip();
        }
        if (hasEvents)
            draft.Events = ReadItems(message, 11, json, OtlpProtobufValues.WriteEvent);
        if (hasLinks)
            draft.Links = ReadItems(message, 13, json, OtlpProtobufValues.WriteLink);
        if (hasAttributes || json.Dropped > 0)
            ReadAttributes(message, draft, json);
        return draft;
    }

    private static void ReadStatus(ReadOnlySpan<byte> message, SpanDraft draft)
    {
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.IsBytes(2, out var text))
                draft.StatusMessage = WireReader.Text(text);
            else if (reader.IsVarint(3, out var code))
                draft.Status = (int)code;
            else
                reader.Skip();
        }
    }

    private static byte[] ReadItems(ReadOnlySpan<byte> span, int field, JsonBuffer json, Action<ReadOnlySpan<byte>, JsonBuffer> write)
    {
        json.Writer.WriteStartArray();
        var count = 0;
        var reader = new WireReader(span);
        while (reader.Next())
        {
            if (!reader.IsBytes(field, out var item))
                reader.Skip();
            else if (count++ < JsonBuffer.MaxEntries && json.HasRoom)
                write(item, json);
            else
                json.Dropped++;
        }
        json.Writer.WriteEndArray();
        return json.Take();
    }

    private static void ReadAttributes(ReadOnlySpan<byte> span, SpanDraft draft, JsonBuffer json)
    {
        json.Writer.WriteStartObject();
        var count = 0;
        var reader = new WireReader(span);
        while (reader.Next())
        {
            if (!reader.IsBytes(9, out var attribute))
            {
                reader.Skip();
                continue;
            }
            var key = Pair(attribute, out var value);
            if (key.SequenceEqual("correlation.id"u8))
                draft.CorrelationId = TextOf(value);
            if (count++ < JsonBuffer.MaxEntries && json.HasRoom)
                OtlpProtobufValues.WritePair(key, value, json, depth: 0);
            else
                json.Dropped++;
        }
        json.EndSpan();
        draft.Attributes = json.Take();
    }

    /// <summary>A KeyValue's key, and its AnyValue's bytes.</summary>
    internal static ReadOnlySpan<byte> Pair(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> key = default;
        value = default;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.IsBytes(1, out var name))
                key = name;
            else if (reader.IsBytes(2, out var any))
                value = any;
            else
                reader.Skip();
        }
        return key;
    }

    private static string? TextOf(ReadOnlySpan<byte> any)
    {
        string? text = null;
        var reader = new WireReader(any);
        while (reader.Next())
        {
            if (reader.IsBytes(1, out var value))
                text = value.Length <= JsonBuffer.MaxTextLength ? WireReader.Text(value) : null;
            else
                reader.Skip();
        }
        return text;
    }

    // An id that is far too long is wrong whatever it holds: no need to copy it.
    private static byte[] Id(ReadOnlySpan<byte> bytes) => bytes.Length > CorrelationId.MaxLength ? [0] : bytes.ToArray();
}
