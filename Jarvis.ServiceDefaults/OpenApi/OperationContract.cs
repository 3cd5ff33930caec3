using System.Reflection;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>Adds to each operation what the contract says of all: parameters and headers, the failures, who may call it, and its examples.</summary>
internal sealed class OperationContract : IOpenApiOperationTransformer
{
    private const string Json = "application/json";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        var method = context.Description.HttpMethod ?? HttpMethods.Get;
        var writes = !HttpMethods.IsGet(method);
        var examples = Examples.Of(metadata.OfType<MethodInfo>().FirstOrDefault(), operation.OperationId);

        await BodyAsync(operation, context, examples, metadata, cancellationToken);
        await SeveralShapesAsync(operation, context, metadata, cancellationToken);
        Parameters(operation, document, metadata);
        Successes(operation, document, metadata, examples);
        var role = RequiredRole.Of(metadata);
        var inPath = operation.Parameters?.Any(parameter => parameter.In == ParameterLocation.Path) == true;
        ErrorAnswers.Describe(operation, document, ExamplePath(context.Description.RelativePath, operation),
            UsualErrors.Statuses(role != RequiredRole.Anonymous, writes, operation.RequestBody is not null, inPath), [.. metadata.OfType<ErrorMetadata>()], examples);
        RequiredRole.Describe(operation, document, role, writes);
        if (metadata.OfType<DeprecatedMetadata>().LastOrDefault() is { } old)
            Deprecate(operation, document, old);
    }

    private static async Task BodyAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, JsonObject? examples, IList<object> metadata, CancellationToken cancellationToken)
    {
        if (operation.RequestBody is not OpenApiRequestBody { Content: { } content } body)
            return;
        body.Required = true;
        if (metadata.OfType<BodyShapesMetadata>().LastOrDefault() is { } shapes)
        {
            var schemas = new List<IOpenApiSchema>();
            foreach (var shape in shapes.Shapes)
                schemas.Add(await ShapeAsync(context, shape, cancellationToken));
            foreach (var type in content.Values.OfType<OpenApiMediaType>())
                type.Schema = schemas is [var only] ? only : new OpenApiSchema { AnyOf = schemas };
        }
        if (examples?["request"] is { } example && content.TryGetValue(Json, out var json) && json is OpenApiMediaType written)
            written.Example = example.DeepClone();
    }

    private static async Task<IOpenApiSchema> ShapeAsync(OpenApiOperationTransformerContext context, Type shape, CancellationToken cancellationToken)
    {
        if (shape.IsArray)
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = await ShapeAsync(context, shape.GetElementType()!, cancellationToken) };
        var name = shape.IsGenericType ? $"{shape.Name.Split('`')[0]}Of{string.Concat(shape.GenericTypeArguments.Select(argument => argument.Name))}" : shape.Name;
        context.Document!.AddComponent(name, await context.GetOrCreateSchemaAsync(shape, parameterDescription: null, cancellationToken));
        return new OpenApiSchemaReference(name, context.Document);
    }

    /// <summary>A success that comes in several shapes, of which the framework knows one.</summary>
    private static async Task SeveralShapesAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, IList<object> metadata, CancellationToken cancellationToken)
    {
        var shapes = metadata.OfType<IProducesResponseTypeMetadata>().Where(each => each.StatusCode == StatusCodes.Status200OK && each.Type is { IsGenericType: true })
            .Select(each => each.Type!).Distinct().ToList();
        if (shapes.Count < 2 || operation.Responses?["200"].Content is not { } contents || !contents.TryGetValue(Json, out var content))
            return;
        var schemas = new List<IOpenApiSchema>();
        foreach (var shape in shapes)
            schemas.Add(await ShapeAsync(context, shape, cancellationToken));
        content.Schema = new OpenApiSchema { AnyOf = schemas };
    }

    private static void Parameters(OpenApiOperation operation, OpenApiDocument document, IList<object> metadata)
    {
        operation.Parameters ??= [];
        foreach (var given in metadata.OfType<ParameterMetadata>())
        {
            var known = operation.Parameters.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.In == given.In && parameter.Name == given.Name);
            if (known is null && given.In == ParameterLocation.Path)
                continue; // Said of a group, for those of its routes that have it.
            if (known is null)
                operation.Parameters.Add(known = new OpenApiParameter { Name = given.Name, In = given.In });
            known.Description = given.Description;
            known.Required = given.IsRequired;
            known.Schema = given.Schema ?? known.Schema ?? new OpenApiSchema { Type = JsonSchemaType.String };
            known.Example = given.Example?.DeepClone();
        }
        operation.Parameters.Add(SharedHeaders.Correlation(document));
    }

    private static void Successes(OpenApiOperation operation, OpenApiDocument document, IList<object> metadata, JsonObject? examples)
    {
        operation.Responses ??= [];
        if (metadata.OfType<AnswersMetadata>().LastOrDefault() is { } answers && operation.Responses.TryGetValue("200", out var known))
        {
            operation.Responses.Remove("200");
            foreach (var status in answers.Statuses)
                operation.Responses[$"{status}"] = new OpenApiResponse { Content = known.Content?.ToDictionary(each => each.Key, each => new OpenApiMediaType { Schema = each.Value.Schema }, StringComparer.Ordinal) };
        }
        var headers = metadata.OfType<AnswerHeaderMetadata>().ToList();
        if (headers.Exists(header => header.Status == StatusCodes.Status304NotModified))
            operation.Responses["304"] = new OpenApiResponse();
        var enveloped = metadata.OfType<IProducesResponseTypeMetadata>().Any(each => each.StatusCode < 300 && each.Type is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Envelope<>));
        foreach (var (key, answer) in operation.Responses.Where(each => each.Key[0] is '2' or '3').ToList())
        {
            if (answer is not OpenApiResponse response)
                continue;
            response.Description = Described(key);
            response.Headers = SharedHeaders.ForEvery(document);
            if (key is "201" or "202")
                response.Headers["Location"] = SharedHeaders.Reference(document, "Location");
            foreach (var header in headers.Where(header => $"{header.Status}" == key))
                response.Headers[header.Name] = SharedHeaders.Of(header.Description, header.Example, header.IsRequired);
            if (response.Content?.TryGetValue(Json, out var json) == true && json is OpenApiMediaType written && (examples?[key] ?? examples?["200"]) is { } example)
                written.Example = enveloped ? Examples.Enveloped(example) : example.DeepClone();
            if (key == "200" && metadata.OfType<RawAnswerMetadata>().LastOrDefault() is { } raw)
                AddRaw(response, raw.ContentType, examples?["raw"]);
        }
    }

    private static void AddRaw(OpenApiResponse response, string type, JsonNode? example)
    {
        response.Content ??= new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
        if (!response.Content.TryGetValue(type, out var content))
            response.Content[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example?.DeepClone() };
        else if (content.Schema is { } enveloped)
            content.Schema = new OpenApiSchema { AnyOf = [enveloped, new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The text itself." }] };
    }

    private static string Described(string status) => status switch
    {
        "201" => "Made.",
        "202" => "Accepted; it goes on.",
        "204" => "Done.",
        "302" => "Somewhere else.",
        "304" => "What the client has still holds.",
        _ => "Success.",
    };

    private static void Deprecate(OpenApiOperation operation, OpenApiDocument document, DeprecatedMetadata old)
    {
        operation.Deprecated = true;
        operation.Description = $"Call {old.Successor} instead.\n\n{operation.Description}";
        foreach (var response in operation.Responses!.Values.OfType<OpenApiResponse>())
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            foreach (var name in (string[])["Deprecation", "Sunset", "Link", "X-API-Deprecation", "X-API-Migration"])
                response.Headers[name] = SharedHeaders.Reference(document, name);
        }
    }

    /// <summary>The path with its parameters' examples in it.</summary>
    private static string ExamplePath(string? template, OpenApiOperation operation)
    {
        var path = $"/{template?.Split('?')[0]}";
        foreach (var parameter in operation.Parameters?.Where(parameter => parameter.In == ParameterLocation.Path) ?? [])
            path = path.Replace($"{{{parameter.Name}}}", parameter.Example?.ToString() ?? parameter.Name, StringComparison.Ordinal);
        return path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/";
    }
}
