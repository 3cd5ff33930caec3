using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Writes attributes as JSON for Postgres, one value after the other into the same buffer. Bounds: 128 entries an object or array,
/// 8,192 characters a text, 8 levels. What is cut is counted and said (<c>jarvis.dropped_values</c>), never silently absent.
/// </summary>
internal sealed class JsonBuffer : IDisposable
{
    public const int MaxEntries = 128;
    public const int MaxTextLength = 8_192;
    public const int MaxDepth = 8;
    public const string DroppedName = "jarvis.dropped_values";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);

    public JsonBuffer() => Writer = new Utf8JsonWriter(_buffer, Options);

    public Utf8JsonWriter Writer { get; }

    /// <summary>Values of this span that were left out or cut.</summary>
    public int Dropped { get; set; }

    /// <summary>What was written, and an empty buffer for the next.</summary>
    public byte[] Take()
    {
        Writer.Flush();
        var json = _buffer.WrittenSpan.ToArray();
        _buffer.ResetWrittenCount();
        Writer.Reset(_buffer);
        return json;
    }

    public void Name(ReadOnlySpan<byte> utf8)
    {
        if (IsClean(utf8))
            Writer.WritePropertyName(utf8);
        else
            Name(Encoding.UTF8.GetString(utf8));
    }

    public void Name(string text) => Writer.WritePropertyName(Cut(text));

    public void Text(ReadOnlySpan<byte> utf8)
    {
        if (IsClean(utf8))
            Writer.WriteStringValue(utf8);
        else
            Text(Encoding.UTF8.GetString(utf8));
    }

    public void Text(string text) => Writer.WriteStringValue(Cut(text));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxTextLength)
        {
            bytes = bytes[..MaxTextLength];
            Dropped++;
        }
        Writer.WriteBase64StringValue(bytes);
    }

    /// <summary>JSON has no NaN and no infinities: they are texts.</summary>
    public void Number(double value)
    {
        if (double.IsFinite(value))
            Writer.WriteNumberValue(value);
        else
            Writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    public void Time(ulong unixNano) => Writer.WriteString("time_unix_nano", unixNano.ToString());

    /// <summary>Ends the span's attributes with the count of what is missing, and counts anew.</summary>
    public void EndSpan()
    {
        if (Dropped > 0)
            Writer.WriteNumber(DroppedName, Dropped);
        Dropped = 0;
        Writer.WriteEndObject();
    }

    public void Dispose() => Writer.Dispose();

    private static bool IsClean(ReadOnlySpan<byte> utf8) => utf8.Length <= MaxTextLength && !utf8.Contains((byte)0) && Utf8.IsValid(utf8);

    private string Cut(string text)
    {
        if (text.Length > MaxTextLength)
            Dropped++;
        return StoredText.Clean(text, MaxTextLength);
    }
}
