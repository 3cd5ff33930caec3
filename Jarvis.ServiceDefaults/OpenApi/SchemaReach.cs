using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>The named schemas that answers are made of.</summary>
internal static class SchemaReach
{
    public static HashSet<string> OfAnswers(OpenApiDocument document)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var answers = document.Paths.Values.SelectMany(path => path.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>())
            .SelectMany(operation => operation.Responses?.Values ?? Enumerable.Empty<IOpenApiResponse>());
        foreach (var content in answers.OfType<OpenApiResponse>().SelectMany(answer => answer.Content?.Values ?? []))
            Visit(content.Schema, document, reached);
        return reached;
    }

    private static void Visit(IOpenApiSchema? schema, OpenApiDocument document, HashSet<string> reached)
    {
        if (schema is OpenApiSchemaReference { Reference.Id: { } id })
        {
            if (reached.Add(id) && document.Components?.Schemas?.TryGetValue(id, out var named) == true)
                Visit(named, document, reached);
            return;
        }
        if (schema is null)
            return;
        IEnumerable<IOpenApiSchema?> parts = [.. schema.Properties?.Values ?? [], schema.Items, schema.AdditionalProperties, .. schema.AllOf ?? [], .. schema.AnyOf ?? [], .. schema.OneOf ?? []];
        foreach (var part in parts)
            Visit(part, document, reached);
    }
}
