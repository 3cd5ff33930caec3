using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Jarvis.Catalog.Formats;

/// <summary>A parameter of a node that holds a literal secret.</summary>
/// <param name="Node">The node's place among the nodes; -1 when it is in none of them.</param>
/// <param name="Parameter">The name under which it stands.</param>
public sealed record MaskedParameter(int Node, string Parameter);

/// <summary>
/// A copy of an n8n export as it may be served: literal secrets are <see cref="SecretMask.Shown"/>; recorded data (<c>pinData</c>, <c>staticData</c>) is left
/// out, since it is what went through the workflow and not the workflow. Expressions and references to credentials stay. Items and the other properties
/// keep their order, so that what stands in the copy can be found in the file.
/// </summary>
public sealed class WorkflowMask
{
    // Exports within exports, as tools that are workflows have them.
    private const int MaxWithin = 4;

    // A line to run may have options with secrets; of a script the same signs are code.
    private const int LongestCommand = 1_000;
    private static readonly JsonWriterOptions Written = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true, SkipValidation = true };
    private readonly List<MaskedParameter> _parameters = [];
    private readonly Utf8JsonWriter _writer;
    private int _within;
    private int _node = -1;
    private TextSort _sort;

    private WorkflowMask(Utf8JsonWriter writer) => _writer = writer;

    /// <summary>Values that were hidden.</summary>
    public int Count { get; private set; }

    /// <summary>Whether recorded data was left out.</summary>
    public bool HasLeftOut { get; private set; }

    /// <summary>In which parameters secrets were found, notes apart.</summary>
    public IReadOnlyList<MaskedParameter> Parameters => _parameters;

    /// <summary>The export's own text when nothing of it has to be hidden.</summary>
    public string Text { get; private set; } = "";

    public static WorkflowMask Of(JsonElement workflow)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Written);
        var mask = new WorkflowMask(writer);
        mask.Workflow(workflow);
        writer.Flush();
        mask.Text = mask.Count > 0 || mask.HasLeftOut ? Encoding.UTF8.GetString(buffer.WrittenSpan) : workflow.GetRawText();
        return mask;
    }

    private void Workflow(JsonElement workflow)
    {
        _writer.WriteStartObject();
        foreach (var property in workflow.EnumerateObject())
        {
            if (property.Name is "pinData" or "staticData")
            {
                HasLeftOut |= !IsEmpty(property.Value);
                continue;
            }

            Name(property.Name);
            if (property.Name == "nodes" && property.Value.ValueKind == JsonValueKind.Array)
                Nodes(property.Value);
            else
                Value(property.Value, property.Name);
        }

        _writer.WriteEndObject();
    }

    private void Nodes(JsonElement nodes)
    {
        _writer.WriteStartArray();
        foreach (var (at, node) in nodes.EnumerateArray().Index())
        {
            (_node, _sort) = (_within > 0 ? _node : at, node.Text("type") == WorkflowNode.NoteType ? TextSort.Prose : TextSort.Code);
            Value(node, "");
        }

        _writer.WriteEndArray();
        (_node, _sort) = (_within > 0 ? _node : -1, TextSort.Code);
    }

    private void Value(JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.Member("nodes") is { ValueKind: JsonValueKind.Array } && _node < 0:
                // Another state of the workflow, as n8n's API adds it.
                _within++;
                Workflow(value);
                _within--;
                break;
            case JsonValueKind.Object:
                Object(value, name);
                break;
            case JsonValueKind.Array:
                _writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Value(item, name);
                _writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                String(value, name);
                break;
            default:
                _writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
        }
    }

    private void Object(JsonElement map, string name)
    {
        // {"name": "Authorization", "value": "…"}: the name of the value is a value itself.
        var given = map.Text("name") ?? map.Text("key") ?? map.Text("fieldName");
        var isCredential = name == "credentials";
        _writer.WriteStartObject();
        foreach (var property in map.EnumerateObject())
        {
            Name(property.Name);
            if (isCredential && property.Value.ValueKind == JsonValueKind.Object)
                Credential(property.Value);
            else if (given is not null && property.Value.ValueKind == JsonValueKind.String && property.Name.EndsWith("value", StringComparison.OrdinalIgnoreCase))
                String(property.Value, given);
            else
                Value(property.Value, property.Name);
        }

        _writer.WriteEndObject();
    }

    /// <summary>A reference has an id and a name. What else there is came out of n8n's own store, decrypted.</summary>
    private void Credential(JsonElement reference)
    {
        _writer.WriteStartObject();
        foreach (var property in reference.EnumerateObject())
        {
            Name(property.Name);
            if (property.Name == "id" && property.Value.ValueKind == JsonValueKind.String)
                _writer.WriteStringValue(property.Value.GetString());
            else if (property.Name == "name")
                Value(property.Value, "");
            else
                Hidden(property.Value, property.Name);
        }

        _writer.WriteEndObject();
    }

    private void Hidden(JsonElement value, string name)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False)
        {
            _writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
            return;
        }

        _writer.WriteStringValue(SecretMask.Shown);
        Found(name, 1);
    }

    private void Name(string name)
    {
        var (shown, count) = LiteralSecrets.Mask(name, TextSort.Prose);
        Found(shown, count);
        _writer.WritePropertyName(shown);
    }

    private void String(JsonElement value, string name)
    {
        var text = value.GetString()!;
        if (_sort == TextSort.Code && !IsConversation(name) && SecretValues.IsNamed(name, text))
        {
            // The scheme before a token stays, as does the sign of an expression.
            var sign = text.StartsWith('=') ? 1 : 0;
            _writer.WriteStringValue($"{text[..(sign + SecretValues.SchemeLength(text.AsSpan(sign)))]}{SecretMask.Shown}");
            Found(name, 1);
            return;
        }

        if (Within(text) is { } inner)
        {
            _writer.WriteStringValue(inner);
            return;
        }

        // Names are masked as the keys of connections are, which have to stay the same.
        var (shown, count) = _node >= 0 && name == "command" ? Shell(text) : LiteralSecrets.Mask(text, name is "name" or "node" ? TextSort.Prose : _sort);
        Found(name, count);
        if (count > 0)
            _writer.WriteStringValue(shown);
        else
            _writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        var kind => kind == JsonValueKind.Null,
    };

    // What the memory nodes call the conversation.
    private static bool IsConversation(string name) => name is "sessionKey" or "sessionId" or "memoryKey";

    private static (string Text, int Count) Shell(string command)
    {
        var (text, count) = LiteralSecrets.Mask(command, TextSort.Code);
        // What an expression gives is not known before it runs.
        if (text.Length > LongestCommand || text.Contains("{{", StringComparison.Ordinal) || text.AsSpan().Trim().Contains('\n'))
            return (text, count);
        var mask = new SecretMask();
        return (mask.Whole(text, prose: false), count + mask.Count);
    }

    /// <summary>An export that stands in a parameter as a text; null when it is none or nothing of it has to be hidden.</summary>
    private string? Within(string text)
    {
        if (_within >= MaxWithin || !text.Contains("\"nodes\"", StringComparison.Ordinal) || text.AsSpan().TrimStart().IndexOf('{') != 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(text, JsonText.Lenient);
            if (!WorkflowShape.IsWorkflow(json.RootElement))
                return null;
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, Written);
            var inner = new WorkflowMask(writer) { _within = _within + 1, _node = 0 };
            inner.Workflow(json.RootElement);
            writer.Flush();
            if (inner.Count == 0 && !inner.HasLeftOut)
                return null;
            HasLeftOut |= inner.HasLeftOut;
            Found(inner.Parameters is [var first, ..] ? first.Parameter : "", inner.Count);
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or half a character in it: it is a text like others.
            return null;
        }
    }

    private void Found(string parameter, int count)
    {
        Count += count;
        if (count > 0 && _sort == TextSort.Code)
            _parameters.Add(new(_node, parameter));
    }
}
