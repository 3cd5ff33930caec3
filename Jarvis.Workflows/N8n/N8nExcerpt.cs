using System.Buffers;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.N8n;

/// <summary>What n8n answered, for a problem: its JSON with the secrets masked, or the beginning of it as a text when it is long.</summary>
internal static class N8nExcerpt
{
    private const int MaxLength = 4_000;
    private const int MaxDepth = 16;

    public static RawJson Of(RawJson result)
    {
        if (result.Text.Length > 4 * MaxLength)
            return Beginning(result.Text[..(4 * MaxLength)]);
        using var document = JsonDocument.Parse(result.Text, new JsonDocumentOptions { MaxDepth = 1_000 });
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonRules.Options.Encoder }))
            Write(writer, document.RootElement, "", 0);
        var json = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return json.Length <= MaxLength ? new RawJson(json) : Beginning(json);
    }

    private static RawJson Beginning(string text) =>
        new(JsonSerializer.Serialize(N8nWords.Cut(SecretText.Mask(N8nWords.OneLine(text)), MaxLength), JsonRules.Options));

    private static void Write(Utf8JsonWriter writer, JsonElement value, string name, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when depth >= MaxDepth:
                writer.WriteStringValue("…");
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    // What occurs twice, or has no name that is text, may stand in the result; here it would break readers.
                    if (Text(member, static each => each.Name) is not { } given || !names.Add(given))
                        continue;
                    writer.WritePropertyName(given);
                    Write(writer, member.Value, given, depth + 1);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, name, depth + 1);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Masked(name, Text(value, static each => each.GetString()) ?? ""));
                break;
            case JsonValueKind.Number when SecretText.IsTelling(name):
                writer.WriteStringValue(SecretText.Masked);
                break;
            default:
                writer.WriteRawValue(value.GetRawText());
                break;
        }
    }

    // A sentence behind such a name says what is wrong with the secret.
    private static string Masked(string name, string text) =>
        SecretText.IsTelling(name) && text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal) ? SecretText.Masked : SecretText.Mask(Cleaned(text));

    private static string Cleaned(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(each => char.IsControl(each) ? ' ' : each)) : text;

    private static string? Text<T>(T json, Func<T, string?> read)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
