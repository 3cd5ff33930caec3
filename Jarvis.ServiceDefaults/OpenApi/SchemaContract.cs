using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>Makes the schemas true: what is always written is required, and every field has the words that the code has for it.</summary>
internal sealed class SchemaContract
{
    private readonly ConcurrentDictionary<string, JsonTypeInfo> _types = new(StringComparer.Ordinal);

    /// <summary>The schema's name; of two types of one name the second has its folder's before it.</summary>
    public string? IdOf(JsonTypeInfo type)
    {
        // What is any JSON needs no name.
        if (type.Kind == JsonTypeInfoKind.None && !Plain(type.Type).IsEnum)
            return null;
        if (OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } id)
            return null;
        if (IsOf(id, type))
            return id;
        id = $"{Plain(type.Type).Namespace?.Split('.')[^1]}{id}";
        return IsOf(id, type) ? id : Plain(type.Type).FullName!.Replace(".", "", StringComparison.Ordinal).Replace('+', '_');
    }

    /// <summary>What converters of Jarvis' own hide from the framework: times and words are texts.</summary>
    public static void Type(OpenApiSchema schema, Type type)
    {
        if (schema.Enum is { Count: > 0 })
            schema.Type = schema.Enum?.Any(each => each is null) is true || Nullable.GetUnderlyingType(type) is not null ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        if (Plain(type) != typeof(DateTimeOffset))
            return;
        schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        schema.Format = "date-time";
    }

    public void Complete(OpenApiDocument document)
    {
        var schemas = document.Components?.Schemas;
        if (schemas is null)
            return;
        var written = SchemaReach.OfAnswers(document);
        foreach (var (id, schema) in schemas)
        {
            if (schema is not OpenApiSchema { Properties: { } properties } complete || !_types.TryGetValue(id, out var type))
                continue;
            complete.Description ??= XmlDocs.Of(type.Type);
            if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Envelope<>))
                NeverNull(properties, "data");
            // What may be null in a request may be left out of it.
            complete.Required = new SortedSet<string>(
                written.Contains(id) ? [] : complete.Required?.Where(name => !MayBeNull(properties[name])) ?? [], StringComparer.Ordinal);
            foreach (var property in type.Properties)
            {
                if (property.AttributeProvider is not PropertyInfo { } member || !properties.TryGetValue(property.Name, out var described))
                    continue;
                if (XmlDocs.Of(member) is { } words)
                    described.Description = words;
                if (written.Contains(id) && IsAlwaysWritten(property, member))
                    complete.Required!.Add(property.Name);
            }
        }
    }

    private bool IsOf(string id, JsonTypeInfo type) => Plain(_types.GetOrAdd(id, type).Type) == Plain(type.Type);

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static bool MayBeNull(IOpenApiSchema schema) =>
        schema.Type?.HasFlag(JsonSchemaType.Null) == true || schema.OneOf?.Any(part => part.Type == JsonSchemaType.Null) == true || schema is OpenApiSchema { Type: null, Enum: null, AnyOf: null, OneOf: null };

    private static void NeverNull(IDictionary<string, IOpenApiSchema> properties, string name)
    {
        if (properties[name] is OpenApiSchema { OneOf: { } parts } && parts.OfType<OpenApiSchemaReference>().SingleOrDefault() is { } named)
            properties[name] = named;
    }

    private static bool IsAlwaysWritten(JsonPropertyInfo property, PropertyInfo member) =>
        property is { Get: not null, IsExtensionData: false, ShouldSerialize: null } && member.GetCustomAttribute<JsonIgnoreAttribute>() is null or { Condition: JsonIgnoreCondition.Never };
}
