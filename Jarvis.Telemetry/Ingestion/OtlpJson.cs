using System.Globalization;
using System.Text.Json;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Reads an ExportTraceServiceRequest in OTLP's JSON mapping (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding):
/// camelCase names, ids in hex, 64-bit numbers as text or number, enums as numbers.
/// </summary>
public static class OtlpJson
{
    private const string UnknownService = "unknown_service";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    public static void Read(ReadOnlyMemory<byte> body, SpanBatch batch, int maxTokens = int.MaxValue)
    {
        try
        {
            CountTokens(body.Span, maxTokens);
            using var document = JsonDocument.Parse(body, Options);
            using var json = new JsonBuffer(batch.Redaction);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new OtlpFormatException("The JSON is not an object.");
            foreach (var resourceSpans in Items(document.RootElement, "resourceSpans"))
                ReadResource(resourceSpans, batch, json);
        }
        catch (JsonException exception)
        {
            throw new OtlpFormatException(
                string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON at line {exception.LineNumber + 1}, position {exception.BytePositionInLine + 1}."), exception);
        }
        catch (InvalidOperationException exception)
        {
            // What the reader says of a text that is not UTF-8 or has half a surrogate pair.
            throw new OtlpFormatException("A JSON text is not valid Unicode.", exception);
        }
    }

    // A document keeps twelve bytes for each of them, of which a body of brackets has one a byte.
    private static void CountTokens(ReadOnlySpan<byte> body, int maxTokens)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        for (var count = 0; reader.Read(); count++)
        {
            if (count == maxTokens)
                throw new OtlpTooLargeException($"The JSON has more than {maxTokens} values, names and brackets; export smaller batches, or in protobuf.");
        }
    }

    private static void ReadResource(JsonElement resourceSpans, SpanBatch batch, JsonBuffer json)
    {
        var source = new SpanSource(UnknownService, null, null);
        if (Member(resourceSpans, "resource", JsonValueKind.Object) is { } resource)
        {
            var name = TextAttribute(resource, "service.name");
            source = source with
            {
                Service = string.IsNullOrEmpty(name) ? UnknownService : StoredText.Clean(name, 200),
                InstanceId = TextAttribute(resource, "service.instance.id") is { } instance ? StoredText.Clean(instance, 200) : null,
            };
        }
        foreach (var scopeSpans in Items(resourceSpans, "scopeSpans"))
        {
            var scope = Member(scopeSpans, "scope", JsonValueKind.Object) is { } given && Text(given, "name") is { } name ? StoredText.Clean(name, 200) : null;
            foreach (var span in Items(scopeSpans, "spans"))
                batch.Add(source with { Scope = scope }, ReadSpan(span, json));
        }
    }

    private static SpanDraft ReadSpan(JsonElement span, JsonBuffer json)
    {
        var status = Member(span, "status", JsonValueKind.Object);
        var draft = new SpanDraft
        {
            TraceId = Id(span, "traceId"),
            SpanId = Id(span, "spanId"),
            ParentSpanId = Id(span, "parentSpanId"),
            Name = Text(span, "name"),
            Kind = (int)Whole(span, "kind"),
            Start = Whole(span, "startTimeUnixNano"),
            End = Whole(span, "endTimeUnixNano"),
            Status = status is { } given ? (int)Whole(given, "code") : 0,
            StatusMessage = status is { } said ? Text(said, "message") : null,
            CorrelationId = TextAttribute(span, "correlation.id"),
            Events = OtlpJsonValues.WriteItems(span, "events", json, OtlpJsonValues.WriteEvent),
            Links = OtlpJsonValues.WriteItems(span, "links", json, OtlpJsonValues.WriteLink),
        };
        draft.Attributes = OtlpJsonValues.WriteSpanAttributes(span, json);
        return draft;
    }

    internal static JsonElement? Member(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return null;
        return member.ValueKind == kind ? member : throw Wrong(name);
    }

    internal static IEnumerable<JsonElement> Items(JsonElement parent, string name)
    {
        if (Member(parent, name, JsonValueKind.Array) is not { } array)
            yield break;
        foreach (var item in array.EnumerateArray())
            yield return item.ValueKind == JsonValueKind.Object ? item : throw Wrong(name);
    }

    internal static string? Text(JsonElement parent, string name) => Member(parent, name, JsonValueKind.String)?.GetString();

    /// <summary>A 64-bit number, as JSON text or JSON number; 0 when absent.</summary>
    internal static ulong Whole(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return 0;
        if (member.ValueKind == JsonValueKind.Number && member.TryGetUInt64(out var number))
            return number;
        if (member.ValueKind == JsonValueKind.String && ulong.TryParse(member.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            return parsed;
        throw Wrong(name);
    }

    internal static string? TextAttribute(JsonElement parent, string key)
    {
        foreach (var attribute in Items(parent, "attributes"))
        {
            if (Text(attribute, "key") == key && Member(attribute, "value", JsonValueKind.Object) is { } value)
                return Text(value, "stringValue");
        }
        return null;
    }

    internal static OtlpFormatException Wrong(string name) => new($"\"{name}\" has the wrong type.");

    // What is not hex is a wrong id (the span is rejected), not a broken message.
    private static byte[]? Id(JsonElement span, string name)
    {
        if (Text(span, name) is not { Length: > 0 } hex)
            return null;
        var bytes = new byte[16];
        return hex.Length <= 32 && Convert.FromHexString(hex, bytes, out _, out var written) == System.Buffers.OperationStatus.Done ? bytes[..written] : [0];
    }
}
