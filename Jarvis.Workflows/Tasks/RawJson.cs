using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jarvis.Workflows.Tasks;

/// <summary>JSON text that is known to be valid (Postgres checked it) and goes out as it is, without being parsed again.</summary>
[JsonConverter(typeof(Converter))]
public sealed record RawJson(string Text)
{
    private sealed class Converter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text, skipInputValidation: true);
    }
}
