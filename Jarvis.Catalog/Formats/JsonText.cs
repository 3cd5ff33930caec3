using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Formats;

/// <summary>Reads JSON as people write it: comments and trailing commas are allowed, what follows the first value is noted and left.</summary>
public static class JsonText
{
    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 };

    /// <summary>Null when it is not JSON; the reading has the diagnostic then.</summary>
    public static JsonDocument? Parse(FileReading file)
    {
        var utf8 = Encoding.UTF8.GetBytes(file.Text);
        var reader = new Utf8JsonReader(utf8, Options);
        JsonDocument json;
        try
        {
            json = JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException exception)
        {
            file.Note(file.Classified.Kind, DiagnosticState.Rejected, "json_invalid", "The file is not valid JSON.", "Mend it at this line.", (int)(exception.LineNumber ?? 0) + 1);
            return null;
        }

        var consumed = (int)reader.BytesConsumed;
        var rest = utf8.AsSpan(consumed);
        if (!rest.Trim(" \t\r\n"u8).IsEmpty)
        {
            file.Note(file.Classified.Kind, DiagnosticState.Recovered, "json_trailing_data", "Something follows the JSON value; it was left out.",
                "Remove what stands after the end of the value.", utf8.AsSpan(0, consumed).Count((byte)'\n') + 1);
        }

        return json;
    }

    public static string? Text(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    /// <summary>True also for the text <c>"true"</c>, which exports were seen to have.</summary>
    public static bool Flag(this JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } text => text.GetString()!.Equals("true", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
