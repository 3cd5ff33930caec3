using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Redaction;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Redaction;

/// <summary>Attributes, events and links that are stored already, by the rules that hold for new ones.</summary>
internal static class StoredJson
{
    /// <summary>The JSON without its secrets; null when it has none.</summary>
    public static string? Redact(string? json, AttributeRedaction rules)
    {
        if (json is null)
            return null;
        using var document = JsonDocument.Parse(json);
        if (!Hides(document.RootElement, AttributeKind.Text, rules))
            return null;
        using var buffer = new JsonBuffer(rules);
        Write(document.RootElement, buffer);
        return Encoding.UTF8.GetString(buffer.Take());
    }

    private static bool Hides(JsonElement element, AttributeKind kind, AttributeRedaction rules) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => rules.RuleOf(member.Name) is var rule
            && (rule.Name is not null || Hides(member.Value, kind is AttributeKind.Hidden ? kind : rule.Kind, rules))),
        JsonValueKind.Array => element.EnumerateArray().Any(item => Hides(item, kind, rules)),
        JsonValueKind.String => element.GetString()! is var text && AttributeRedaction.Redact(kind, text) != text,
        _ => false,
    };

    private static void Write(JsonElement element, JsonBuffer json)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                json.Writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    var outer = json.Enter(member.Name);
                    Write(member.Value, json);
                    json.Leave(outer);
                }
                json.Writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.Writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(item, json);
                json.Writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.Text(element.GetString()!);
                break;
            default:
                element.WriteTo(json.Writer);
                break;
        }
    }
}
