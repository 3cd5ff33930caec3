namespace Jarvis.Telemetry.Ingestion;

/// <summary>Attributes, events and links from protobuf to JSON.</summary>
internal static class OtlpProtobufValues
{
    public static void WriteEvent(ReadOnlySpan<byte> message, JsonBuffer json)
    {
        json.Writer.WriteStartObject();
        ulong time = 0;
        ReadOnlySpan<byte> name = default;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.IsFixed64(1, out var at))
                time = at;
            else if (reader.IsBytes(2, out var text))
                name = text;
            else
                reader.Skip();
        }
        json.Time(time);
        json.Writer.WritePropertyName("name"u8);
        json.Text(name);
        WriteAttributes(message, 3, json);
        json.Writer.WriteEndObject();
    }

    public static void WriteLink(ReadOnlySpan<byte> message, JsonBuffer json)
    {
        json.Writer.WriteStartObject();
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (reader.IsBytes(1, out var traceId))
                WriteId("trace_id"u8, traceId, json);
            else if (reader.IsBytes(2, out var spanId))
                WriteId("span_id"u8, spanId, json);
            else
                reader.Skip();
        }
        WriteAttributes(message, 4, json);
        json.Writer.WriteEndObject();
    }

    public static void WritePair(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, JsonBuffer json, int depth)
    {
        var outer = json.Enter(key);
        WriteValue(value, json, depth);
        json.Leave(outer);
    }

    private static void WriteId(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, JsonBuffer json) =>
        json.Writer.WriteString(name, Convert.ToHexStringLower(id.Length <= 16 ? id : default));

    private static void WriteAttributes(ReadOnlySpan<byte> message, int field, JsonBuffer json)
    {
        json.Writer.WritePropertyName("attributes"u8);
        json.Writer.WriteStartObject();
        WritePairs(message, field, json, depth: 0);
        json.Writer.WriteEndObject();
    }

    private static void WritePairs(ReadOnlySpan<byte> message, int field, JsonBuffer json, int depth)
    {
        var count = 0;
        var reader = new WireReader(message);
        while (reader.Next())
        {
            if (!reader.IsBytes(field, out var pair))
                reader.Skip();
            else if (count++ < JsonBuffer.MaxEntries && json.HasRoom)
                WritePair(OtlpProtobuf.Pair(pair, out var value), value, json, depth);
            else
                json.Dropped++;
        }
    }

    private static void WriteValue(ReadOnlySpan<byte> any, JsonBuffer json, int depth)
    {
        var reader = new WireReader(any);
        // A oneof: the first member that is known is the value, an AnyValue without one is null.
        while (reader.Next())
        {
            if (reader.IsBytes(1, out var text))
                json.Text(text);
            else if (reader.IsVarint(2, out var flag))
                json.Writer.WriteBooleanValue(flag != 0);
            else if (reader.IsVarint(3, out var whole))
                json.Writer.WriteNumberValue((long)whole);
            else if (reader.IsFixed64(4, out var number))
                json.Number(BitConverter.UInt64BitsToDouble(number));
            else if (reader.IsBytes(7, out var bytes))
                json.Bytes(bytes);
            else if (reader.IsBytes(5, out var array))
                WriteArray(array, json, depth + 1);
            else if (reader.IsBytes(6, out var pairs))
                WriteObject(pairs, json, depth + 1);
            else
            {
                reader.Skip();
                continue;
            }
            return;
        }
        json.Writer.WriteNullValue();
    }

    private static void WriteObject(ReadOnlySpan<byte> list, JsonBuffer json, int depth)
    {
        json.Writer.WriteStartObject();
        if (depth < JsonBuffer.MaxDepth)
            WritePairs(list, 1, json, depth);
        else
            json.Dropped++;
        json.Writer.WriteEndObject();
    }

    private static void WriteArray(ReadOnlySpan<byte> list, JsonBuffer json, int depth)
    {
        json.Writer.WriteStartArray();
        if (depth >= JsonBuffer.MaxDepth)
            json.Dropped++;
        else
        {
            var count = 0;
            var reader = new WireReader(list);
            while (reader.Next())
            {
                if (!reader.IsBytes(1, out var item))
                    reader.Skip();
                else if (count++ < JsonBuffer.MaxEntries && json.HasRoom)
                    WriteValue(item, json, depth);
                else
                    json.Dropped++;
            }
        }
        json.Writer.WriteEndArray();
    }
}
