using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.Telemetry.Ingestion;

/// <summary>
/// Writes attributes as JSON for Postgres, one value after the other into the same buffer. Bounds: 128 entries an object or array,
/// 8,192 characters a text, 8 levels, and 128 KiB for what <see cref="Take"/> gives (one value more, at the most). What is cut is counted
/// and said (<c>jarvis.dropped_values</c>), never silently absent. Secrets in texts are
/// hidden before they are cut.
/// </summary>
internal sealed class JsonBuffer : IDisposable
{
    public const int MaxEntries = 128;
    public const int MaxTextLength = 8_192;
    public const int MaxDepth = 8;
    public const int MaxBytes = 131_072;
    public const string DroppedName = "jarvis.dropped_values";

    // Far more than is kept, so that what is read for secrets is bounded too and the cut is not within one that shows.
    private const int MaxReadText = 4 * MaxTextLength;
    private const int MaxReadBytes = 4 * MaxReadText;

    // What is decoded for a quick look, on the stack.
    private const int MaxQuick = 256;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(1_024);

    private readonly AttributeRedaction _rules;
    private AttributeKind _kind;

    public JsonBuffer(AttributeRedaction rules)
    {
        _rules = rules;
        Writer = new Utf8JsonWriter(_buffer, Options);
    }

    public Utf8JsonWriter Writer { get; }

    /// <summary>Values of this span that were left out or cut.</summary>
    public int Dropped { get; set; }

    /// <summary>Whether more may be written before <see cref="Take"/>.</summary>
    public bool HasRoom => _buffer.WrittenCount + Writer.BytesPending < MaxBytes;

    /// <summary>What was written, and an empty buffer for the next.</summary>
    public byte[] Take()
    {
        Writer.Flush();
        var json = _buffer.WrittenSpan.ToArray();
        _buffer.ResetWrittenCount();
        Writer.Reset(_buffer);
        return json;
    }

    /// <summary>Begins an attribute, whose name says how its values are redacted, also those within it.</summary>
    /// <returns>For <see cref="Leave"/>.</returns>
    public AttributeKind Enter(ReadOnlySpan<byte> utf8)
    {
        utf8 = utf8[..Math.Min(utf8.Length, MaxReadBytes)];
        Span<char> name = stackalloc char[MaxQuick];
        return IsClean(utf8) && utf8.Length <= MaxQuick && Encoding.UTF8.TryGetChars(utf8, name, out var length) ? Enter(name[..length]) : Enter(Encoding.UTF8.GetString(utf8));
    }

    public AttributeKind Enter(ReadOnlySpan<char> name)
    {
        name = name[..Math.Min(name.Length, MaxReadText)];
        var (outer, rule) = (_kind, _rules.RuleOf(name));
        // What is within a hidden attribute is hidden with it.
        _kind = outer is AttributeKind.Hidden ? outer : rule.Kind;
        Writer.WritePropertyName(Cut(rule.Name ?? name));
        return outer;
    }

    public void Leave(AttributeKind outer) => _kind = outer;

    public void Text(ReadOnlySpan<byte> utf8)
    {
        utf8 = utf8[..Math.Min(utf8.Length, MaxReadBytes)];
        if (IsClean(utf8) && !MayHide(utf8))
            Writer.WriteStringValue(utf8);
        else
            Text(Encoding.UTF8.GetString(utf8));
    }

    public void Text(string text)
    {
        if (text.Length > MaxReadText)
            text = text[..MaxReadText];
        Writer.WriteStringValue(Cut(AttributeRedaction.Redact(_kind, text)));
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (_kind is AttributeKind.Hidden)
        {
            Writer.WriteStringValue(QueryRedaction.Redacted);
            return;
        }
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

    private bool MayHide(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = stackalloc char[MaxQuick];
        return utf8.Length > MaxQuick || !Encoding.UTF8.TryGetChars(utf8, text, out var length) || AttributeRedaction.MayHide(_kind, text[..length]);
    }

    private ReadOnlySpan<char> Cut(ReadOnlySpan<char> text) =>
        text.Length <= MaxTextLength && !text.Contains('\0') ? text : Cut(text.ToString());

    private string Cut(string text)
    {
        if (text.Length > MaxTextLength)
            Dropped++;
        return StoredText.Clean(text, MaxTextLength);
    }
}
