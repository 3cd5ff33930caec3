using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Diagnostics;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// Reads JSON as people write it: comments and trailing commas are allowed; what follows the first value, names that stand twice in one object and
/// halves of surrogate pairs are noted and mended.
/// </summary>
public static class JsonText
{
    private const int MaxDepth = 64;
    private static readonly JsonReaderOptions ReaderOptions = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };

    /// <summary>For JSON that has been read once already.</summary>
    public static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };

    private static readonly JsonDocumentOptions Strict = Lenient with { AllowDuplicateProperties = false };

    /// <summary>Null when it is not JSON; the reading has the diagnostic then.</summary>
    public static JsonDocument? Parse(FileReading file) => Open(file)?.Document;

    /// <summary>As <see cref="Parse"/>, with the lines of the values.</summary>
    public static JsonFile? Open(FileReading file)
    {
        var text = JsonUnicode.Mend(file.Text, out var broken);
        var utf8 = Encoding.UTF8.GetBytes(text);
        if (broken is { } line)
        {
            file.Note(file.Classified.Kind, DiagnosticState.Recovered, "json_invalid_unicode", "A \\u escape is half of a surrogate pair; it was replaced by U+FFFD.",
                "Write the character itself, or both halves.", line);
        }

        try
        {
            return new(JsonDocument.Parse(utf8.AsMemory(), Strict), utf8);
        }
        catch (JsonException)
        {
            // One of three: broken, something behind the value, or a name that stands twice. Only now it is worth finding out which.
            return Mend(file, utf8);
        }
    }

    public static string? Text(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.String } value && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Entries(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];

    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    /// <summary>True also for the text <c>"true"</c>, which exports were seen to have.</summary>
    public static bool Flag(this JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.String } text => text.GetString()!.Equals("true", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>A finite number; null for everything else, such as <c>1e999</c>.</summary>
    public static double? Number(this JsonElement json, string name) => json.Member(name) is { } value ? value.Finite() : null;

    public static double? Finite(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static JsonFile? Mend(FileReading file, byte[] utf8)
    {
        var kind = file.Classified.Kind;
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        int end;
        try
        {
            reader.Read();
            reader.Skip();
            end = (int)reader.BytesConsumed;
        }
        catch (JsonException exception)
        {
            var reason = reader.CurrentDepth >= MaxDepth - 1 ? $"The JSON is nested more than {MaxDepth} deep." : $"The file is not valid JSON from byte {(exception.BytePositionInLine ?? 0) + 1} of this line on.";
            file.Note(kind, DiagnosticState.Rejected, "json_invalid", reason, "Mend it there.", (int)(exception.LineNumber ?? 0) + 1);
            return null;
        }

        try
        {
            reader.Read();
        }
        catch (JsonException)
        {
            file.Note(kind, DiagnosticState.Recovered, "json_trailing_data", "Something follows the JSON value; it was left out.",
                "Remove what stands after the end of the value.", utf8.AsSpan(0, end).Count((byte)'\n') + 1);
        }

        var json = new JsonFile(JsonDocument.Parse(utf8.AsMemory(0, end), Lenient), utf8);
        var twice = Duplicates(json.Root).ToList();
        if (twice.Count > 0)
        {
            // The name is not told: in a client's settings it may be one of the user's paths.
            file.Note(kind, DiagnosticState.Recovered, "json_duplicate_key", $"{twice.Count} name(s) stand twice in one object, the first one here; the last value counts.",
                "Keep one of them.", json.LineOf(twice[0]));
        }

        return json;
    }

    private static IEnumerable<JsonProperty> Duplicates(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return json.EnumerateArray().SelectMany(Duplicates);
        if (json.ValueKind != JsonValueKind.Object)
            return [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        return json.EnumerateObject().SelectMany(property => names.Add(property.Name) ? Duplicates(property.Value) : Duplicates(property.Value).Prepend(property));
    }
}
