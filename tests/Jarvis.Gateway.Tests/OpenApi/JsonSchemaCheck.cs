using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Jarvis.Gateway.Tests.OpenApi;

/// <summary>
/// Checks JSON against the schemas of an OpenAPI 3.1 document: the part of JSON Schema (2020-12) that Jarvis' document uses. A keyword that it does not know is an error, so that
/// nothing passes for being overlooked. Members that a schema does not name are an error too, unless it allows them: what is answered shall be described.
/// </summary>
internal sealed class JsonSchemaCheck(JsonObject document)
{
    private static readonly string[] Known =
        ["type", "enum", "const", "properties", "required", "additionalProperties", "items", "oneOf", "anyOf", "allOf", "$ref", "format", "minimum", "maximum", "minLength", "maxLength",
         "pattern", "description", "default", "example", "examples", "title", "deprecated", "minItems", "maxItems", "uniqueItems", "x-"];

    /// <summary>What is wrong, each as a JSON path and a sentence; nothing when all is well.</summary>
    public IReadOnlyList<string> Validate(JsonNode? value, JsonNode schema)
    {
        var errors = new List<string>();
        Check(value, schema, "$", errors);
        return errors;
    }

    public JsonNode Resolve(JsonNode node)
    {
        while (node["$ref"] is JsonValue reference)
        {
            var at = (JsonNode)document;
            foreach (var part in ((string)reference!)[2..].Split('/'))
                at = at[part] ?? throw new InvalidOperationException($"{reference} leads nowhere.");
            node = at;
        }
        return node;
    }

    private void Check(JsonNode? value, JsonNode schema, string path, List<string> errors)
    {
        schema = Resolve(schema);
        if (schema is JsonValue truth)
        {
            if (!(bool)truth)
                errors.Add($"{path}: is not described");
            return;
        }
        foreach (var (keyword, _) in (JsonObject)schema)
        {
            if (!Array.Exists(Known, known => known == keyword || (known[^1] == '-' && keyword.StartsWith(known, StringComparison.Ordinal))))
                errors.Add($"{path}: the schema has the unknown keyword '{keyword}'");
        }
        CheckType(value, schema, path, errors);
        if (schema["enum"] is JsonArray allowed && !allowed.Any(each => JsonNode.DeepEquals(each, value)))
            errors.Add($"{path}: {Show(value)} is none of {allowed.ToJsonString()}");
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
            Check(value, part!, path, errors);
        Alternatives(value, schema["anyOf"], 1, int.MaxValue, path, errors);
        Alternatives(value, schema["oneOf"], 1, 1, path, errors);
        CheckObject(value as JsonObject, schema, path, errors);
        CheckArray(value as JsonArray, schema, path, errors);
    }

    private void Alternatives(JsonNode? value, JsonNode? alternatives, int min, int max, string path, List<string> errors)
    {
        if (alternatives is not JsonArray { Count: > 0 } schemas)
            return;
        var tried = schemas.Select(schema =>
        {
            var wrong = new List<string>();
            Check(value, schema!, path, wrong);
            return wrong;
        }).ToList();
        var fitting = tried.Count(wrong => wrong.Count == 0);
        if (fitting < min)
            errors.AddRange(tried.MaxBy(wrong => wrong.Count(error => error.Length > path.Length + 40))!);
        else if (fitting > max)
            errors.Add($"{path}: fits more than one alternative");
    }

    private static void CheckType(JsonNode? value, JsonNode schema, string path, List<string> errors)
    {
        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(each => (string)each!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (types.Length > 0 && !types.Any(type => Is(value, type)))
            errors.Add($"{path}: {Show(value)} is no {string.Join(" or ", types)}");
        if (value is not JsonValue plain)
            return;
        if (plain.TryGetValue<string>(out var text))
            CheckText(text, schema, path, errors);
        else if (plain.GetValueKind() == JsonValueKind.Number)
            CheckNumber(plain.GetValue<JsonElement>().GetDouble(), schema, path, errors);
    }

    private static void CheckText(string text, JsonNode schema, string path, List<string> errors)
    {
        if (schema["maxLength"] is { } max && text.Length > (int)max)
            errors.Add($"{path}: has more than {max} characters");
        if (schema["minLength"] is { } min && text.Length < (int)min)
            errors.Add($"{path}: has fewer than {min} characters");
        var fits = (string?)schema["format"] switch
        {
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.EndsWith('Z'),
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            _ => true,
        };
        if (!fits)
            errors.Add($"{path}: '{text}' is no {schema["format"]}");
    }

    private static void CheckNumber(double number, JsonNode schema, string path, List<string> errors)
    {
        if (schema["minimum"] is { } min && number < (double)min)
            errors.Add($"{path}: {number} is less than {min}");
        if (schema["maximum"] is { } max && number > (double)max)
            errors.Add($"{path}: {number} is more than {max}");
    }

    private void CheckObject(JsonObject? value, JsonNode schema, string path, List<string> errors)
    {
        if (value is null)
            return;
        foreach (var name in schema["required"]?.AsArray().Select(each => (string)each!) ?? [])
        {
            if (!value.ContainsKey(name))
                errors.Add($"{path}: lacks '{name}'");
        }
        if (schema["properties"] is not JsonObject properties && schema["additionalProperties"] is null)
            return;
        foreach (var (name, member) in value)
        {
            if (schema["properties"]?[name] is { } known)
                Check(member, known, $"{path}.{name}", errors);
            else if (schema["additionalProperties"] is { } others)
                Check(member, others, $"{path}.{name}", errors);
            else
                errors.Add($"{path}: '{name}' is not described");
        }
    }

    private void CheckArray(JsonArray? value, JsonNode schema, string path, List<string> errors)
    {
        if (value is null || schema["items"] is not { } items)
            return;
        for (var i = 0; i < value.Count; i++)
            Check(value[i], items, $"{path}[{i}]", errors);
    }

    private static bool Is(JsonNode? value, string type) => (value?.GetValueKind() ?? JsonValueKind.Null, type) switch
    {
        (JsonValueKind.Null, "null") or (JsonValueKind.Object, "object") or (JsonValueKind.Array, "array") or (JsonValueKind.String, "string")
            or (JsonValueKind.Number, "number") or (JsonValueKind.True or JsonValueKind.False, "boolean") => true,
        (JsonValueKind.Number, "integer") => double.IsInteger(value!.GetValue<JsonElement>().GetDouble()),
        _ => false,
    };

    private static string Show(JsonNode? value) => value?.ToJsonString() is { } json ? json.Length <= 60 ? json : $"{json[..60]}…" : "null";
}
