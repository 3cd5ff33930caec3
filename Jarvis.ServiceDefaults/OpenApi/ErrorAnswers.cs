using System.Globalization;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>The failures of an operation: those that are told as everywhere are references to one description of them all.</summary>
internal static class ErrorAnswers
{
    public const string ProblemSchema = "Problem";
    private const string AnyPath = "/api/v2/agents/code-reviewer";

    /// <summary>Replaces what the framework knows of failures.</summary>
    public static void Describe(OpenApiOperation operation, OpenApiDocument document, string path, IEnumerable<int> usual, IReadOnlyList<ErrorMetadata> own, JsonObject? examples)
    {
        operation.Responses ??= [];
        var declared = operation.Responses.Keys.Select(key => int.Parse(key, CultureInfo.InvariantCulture)).Where(status => status >= 400);
        foreach (var status in usual.Concat(declared).Concat(own.Select(error => error.Status)).Distinct().Order().ToList())
        {
            var key = status.ToString(CultureInfo.InvariantCulture);
            var mine = own.Where(error => error.Status == status).Select(UsualErrors.Worded).ToList();
            var others = operation.Responses.TryGetValue(key, out var known) ? Others(known) : null;
            if (mine.Count == 0 && others is not { Count: > 0 })
            {
                operation.Responses[key] = Shared(document, status);
                continue;
            }
            // A 401 of a route without sign-in, or a 404 in its own words, is only what the route says.
            var all = mine.Count > 0 && status is 401 or 404 or 409 ? mine : [.. mine, .. UsualErrors.Of(status).Where(error => !mine.Exists(each => each.Code == error.Code))];
            var answer = Of(document, status, path, all);
            foreach (var (type, content) in others ?? [])
            {
                content.Example = type == "application/json" ? examples?[key]?.DeepClone() : null;
                answer.Content![type] = content;
            }
            operation.Responses[key] = answer;
        }
    }

    /// <summary>What is no problem in an answer that the route declares, such as the form that OTLP has for failures.</summary>
    private static Dictionary<string, OpenApiMediaType>? Others(IOpenApiResponse known) =>
        known.Content?.Where(content => content.Key != Problem.ContentType).ToDictionary(content => content.Key, content => content.Value, StringComparer.Ordinal);

    private static OpenApiResponseReference Shared(OpenApiDocument document, int status)
    {
        var name = (ErrorCode.ForStatus(status) is { } code && code.Status == status
            ? string.Concat(code.Name.Split('_').Select(word => $"{word[0]}{word[1..].ToLowerInvariant()}"))
            : "UnsupportedMediaType");
        document.Components ??= new OpenApiComponents();
        document.Components.Responses ??= new Dictionary<string, IOpenApiResponse>(StringComparer.Ordinal);
        if (!document.Components.Responses.ContainsKey(name))
            document.Components.Responses[name] = Of(document, status, AnyPath, [.. UsualErrors.Of(status)]);
        return new OpenApiResponseReference(name, document);
    }

    private static OpenApiResponse Of(OpenApiDocument document, int status, string path, IReadOnlyList<ErrorMetadata> errors) => new()
    {
        Description = string.Join(" · ", errors.Select(error => $"`{error.Code.Name}`").Distinct(StringComparer.Ordinal)),
        Headers = Headers(document, status),
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [Problem.ContentType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchemaReference(ProblemSchema, document),
                Examples = errors.GroupBy(error => error.Code.Name.ToLowerInvariant(), StringComparer.Ordinal).SelectMany(Named).ToDictionary(
                    named => named.Name, named => (IOpenApiExample)new OpenApiExample
                    {
                        Summary = named.Error.Code.Title,
                        Value = Examples.Problem(named.Error.Code, status, named.Error.Detail!, path, named.Error.Members),
                    }, StringComparer.Ordinal),
            },
        },
    };

    private static IEnumerable<(string Name, ErrorMetadata Error)> Named(IGrouping<string, ErrorMetadata> ofCode) =>
        ofCode.Select((error, index) => (index == 0 ? ofCode.Key : $"{ofCode.Key}_{index + 1}", error));

    private static Dictionary<string, IOpenApiHeader> Headers(OpenApiDocument document, int status)
    {
        var headers = SharedHeaders.ForEvery(document);
        if (status is 429 or 503)
            headers["Retry-After"] = SharedHeaders.Reference(document, "Retry-After");
        if (status == 401)
            headers["WWW-Authenticate"] = SharedHeaders.Reference(document, "WWW-Authenticate");
        return headers;
    }

    /// <summary>The schema of every failure.</summary>
    public static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A failure: an RFC 9457 problem that is at the same time the envelope. Further members may name the part at fault (`service`) or what the client needs to go on (`task_id`, `version`, `versions`).",
        Required = new HashSet<string>(["type", "title", "status", "detail", "instance", "success", "error", "error_code", "correlation_id"], StringComparer.Ordinal),
        AdditionalProperties = new OpenApiSchema(),
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = Text("A stable name for the error code.", "uri"),
            ["title"] = Text("The error code in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "400", Maximum = "599", Description = "The HTTP status." },
            ["detail"] = Text("What is wrong, and what to do."),
            ["instance"] = Text("The path that was asked for."),
            ["success"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [false] },
            ["error"] = Text("The same as `detail`, for readers of the envelope."),
            ["error_code"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Codes().Select(code => (JsonNode)code)], Description = "What programs tell errors apart by." },
            ["correlation_id"] = Text("Finds the request in traces and logs."),
            ["service"] = Text("The part of Jarvis, or n8n, that is at fault."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with each field, by its name; every one, not only the first.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };

    private static IEnumerable<string> Codes() => typeof(ErrorCode).GetFields().Where(field => field.FieldType == typeof(ErrorCode))
        .Select(field => ((ErrorCode)field.GetValue(null)!).Name).Order(StringComparer.Ordinal);

    private static OpenApiSchema Text(string description, string? format = null) => new() { Type = JsonSchemaType.String, Description = description, Format = format };
}
