using System.Globalization;
using System.Text.Json;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>Attributes, events and links from OTLP's JSON to the JSON that is stored.</summary>
internal static class OtlpJsonValues
{
    public static byte[]? WriteItems(JsonElement span, string name, JsonBuffer json, Action<JsonElement, JsonBuffer> write)
    {
        if (OtlpJson.Member(span, name, JsonValueKind.Array) is not { } array || array.GetArrayLength() == 0)
            return null;
        json.Writer.WriteStartArray();
        var count = 0;
        foreach (var item in OtlpJson.Items(span, name))
        {
            if (count++ < JsonBuffer.MaxEntries && json.HasRoom)
                write(item, json);
            else
                json.Dropped++;
        }
        json.Writer.WriteEndArray();
        return json.Take();
    }

    public static byte[]? WriteSpanAttributes(JsonElement span, JsonBuffer json)
    {
        if (OtlpJson.Member(span, "attributes", JsonValueKind.Array) is null && json.Dropped == 0)
            return null;
        json.Writer.WriteStartObject();
        WritePairs(span, "attributes", json, depth: 0);
        json.EndSpan();
        return json.Take();
    }

    public static void WriteEvent(JsonElement item, JsonBuffer json)
    {
        json.Writer.WriteStartObject();
        json.Time(OtlpJson.Whole(item, "timeUnixNano"));
        json.Writer.WritePropertyName("name"u8);
        json.Text(OtlpJson.Text(item, "name") ?? "");
        WriteAttributes(item, json);
        json.Writer.WriteEndObject();
    }

    public static void WriteLink(JsonElement item, JsonBuffer json)
    {
        json.Writer.WriteStartObject();
        json.Writer.WritePropertyName("trace_id"u8);
        json.Text(OtlpJson.Text(item, "traceId") ?? "");
        json.Writer.WritePropertyName("span_id"u8);
        json.Text(OtlpJson.Text(item, "spanId") ?? "");
        WriteAttributes(item, json);
        json.Writer.WriteEndObject();
    }

    private static void WriteAttributes(JsonElement item, JsonBuffer json)
    {
        json.Writer.WritePropertyName("attributes"u8);
        json.Writer.WriteStartObject();
        WritePairs(item, "attributes", json, depth: 0);
        json.Writer.WriteEndObject();
    }

    private static void WritePairs(JsonElement parent, string name, JsonBuffer json, int depth)
    {
        var count = 0;
        foreach (var pair in OtlpJson.Items(parent, name))
        {
            if (count++ >= JsonBuffer.MaxEntries || !json.HasRoom)
            {
                json.Dropped++;
                continue;
            }
            var outer = json.Enter(OtlpJson.Text(pair, "key") ?? "");
            WriteValue(OtlpJson.Member(pair, "value", JsonValueKind.Object), json, depth);
            json.Leave(outer);
        }
    }

    private static void WriteValue(JsonElement? any, JsonBuffer json, int depth)
    {
        var member = any?.EnumerateObject().FirstOrDefault(property => property.Value.ValueKind != JsonValueKind.Null) ?? default;
        if (member.Value.ValueKind == JsonValueKind.Undefined)
        {
            json.Writer.WriteNullValue();
            return;
        }
        switch (member.Name, member.Value.ValueKind)
        {
            case ("stringValue", JsonValueKind.String):
                json.Text(member.Value.GetString()!);
                break;
            case ("bytesValue", JsonValueKind.String):
                json.Text(member.Value.GetString()!);
                break;
            case ("boolValue", JsonValueKind.True or JsonValueKind.False):
                json.Writer.WriteBooleanValue(member.Value.GetBoolean());
                break;
            case ("intValue", JsonValueKind.Number or JsonValueKind.String):
                json.Writer.WriteNumberValue(Signed(member.Value));
                break;
            case ("doubleValue", JsonValueKind.Number or JsonValueKind.String):
                json.Number(Double(member.Value));
                break;
            case ("arrayValue", JsonValueKind.Object):
                WriteArray(member.Value, json, depth + 1);
                break;
            case ("kvlistValue", JsonValueKind.Object):
                WriteObject(member.Value, json, depth + 1);
                break;
            default:
                throw OtlpJson.Wrong(member.Name.Length <= 40 ? member.Name : "value");
        }
    }

    private static void WriteObject(JsonElement list, JsonBuffer json, int depth)
    {
        json.Writer.WriteStartObject();
        if (depth < JsonBuffer.MaxDepth)
            WritePairs(list, "values", json, depth);
        else
            json.Dropped++;
        json.Writer.WriteEndObject();
    }

    private static void WriteArray(JsonElement list, JsonBuffer json, int depth)
    {
        json.Writer.WriteStartArray();
        var count = 0;
        foreach (var item in OtlpJson.Items(list, "values"))
        {
            if (depth < JsonBuffer.MaxDepth && count++ < JsonBuffer.MaxEntries && json.HasRoom)
                WriteValue(item, json, depth);
            else
                json.Dropped++;
        }
        json.Writer.WriteEndArray();
    }

    private static long Signed(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            return number;
        return value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : throw OtlpJson.Wrong("intValue");
    }

    private static double Double(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble()
        : double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw OtlpJson.Wrong("doubleValue");
}
