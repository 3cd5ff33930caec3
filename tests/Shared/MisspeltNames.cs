using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Tests.Shared;

/// <summary>
/// Asks every operation of the committed API description with each of its parameters and fields misspelt, which is refused with the right name, and with names that
/// nobody knows, which are ignored. Each service's tests do it for the operations of their service.
/// </summary>
internal sealed class MisspeltNames(HttpClient client)
{
    private static readonly JsonObject Document = Read();
    private static readonly string[] Unrelated = ["_", "utm_source", "zzqx"];

    /// <summary>The ids of the operations with one of these tags.</summary>
    public static IEnumerable<string> OperationsOf(params string[] tags) =>
        Operations().Where(each => each.Operation["tags"]!.AsArray().Any(tag => tags.Contains((string)tag!, StringComparer.Ordinal))).Select(each => (string)each.Operation["operationId"]!);

    /// <summary>All tags there are.</summary>
    public static IEnumerable<string> Tags => Operations().SelectMany(each => each.Operation["tags"]!.AsArray().Select(tag => (string)tag!)).Distinct(StringComparer.Ordinal);

    /// <summary>The operations that the endpoints of a process have.</summary>
    public static IEnumerable<string> MappedBy(IServiceProvider services) =>
        services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName).OfType<string>();

    public async Task EachIsRefusedAsync(string operationId)
    {
        var (method, path, operation) = Operations().Single(each => (string?)each.Operation["operationId"] == operationId);
        foreach (var name in QueryOf(operation))
        {
            foreach (var misspelt in Forms(name))
                await ExpectAsync(operationId, method, $"{path}?{Uri.EscapeDataString(misspelt)}=1", body: null, misspelt, name);
        }
        foreach (var (wrap, at, name) in FieldsOf(operation))
        {
            foreach (var misspelt in Forms(name))
                await ExpectAsync(operationId, method, path, wrap(new JsonObject { [misspelt] = 1 }), at + misspelt, name);
        }
    }

    public async Task UnrelatedOnesAreIgnoredAsync(string operationId)
    {
        var (method, path, operation) = Operations().Single(each => (string?)each.Operation["operationId"] == operationId);
        var body = operation["requestBody"] is null ? null : new JsonObject(Unrelated.Select(name => KeyValuePair.Create(name, (JsonNode?)1)));
        var answer = await SendAsync(method, $"{path}?{string.Join('&', Unrelated.Select(name => $"{name}=1"))}", body);
        var errors = answer.Problem?["errors"]?.AsObject().Select(error => error.Key) ?? [];
        Assert.Empty(errors.Intersect(Unrelated, StringComparer.Ordinal));
    }

    private async Task ExpectAsync(string operationId, string method, string path, JsonNode? body, string field, string meant)
    {
        var (status, problem) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.UnprocessableEntity, $"{operationId}: '{field}' for '{meant}' was answered with {(int)status}.");
        Assert.Equal("VALIDATION_ERROR", (string?)problem!["error_code"]);
        var told = problem["errors"]![field]?[0];
        Assert.True(told is not null, $"{operationId}: '{field}' is not named: {problem["errors"]!.ToJsonString()}");
        Assert.EndsWith($"did you mean '{meant}'?", (string)told!, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonNode? Problem)> SendAsync(string method, string path, JsonNode? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var isProblem = response.Content.Headers.ContentType?.MediaType == "application/problem+json";
        return (response.StatusCode, isProblem ? JsonNode.Parse(await response.Content.ReadAsStreamAsync()) : null);
    }

    /// <summary>A slip, another case, and the words in the form of other languages.</summary>
    private static IEnumerable<string> Forms(string name)
    {
        yield return name.ToUpperInvariant();
        if (name.Length > 2)
            yield return name[1] == name[2] ? name + name[^1] : $"{name[0]}{name[2]}{name[1]}{name[3..]}";
        if (!name.Contains('_', StringComparison.Ordinal))
            yield break;
        yield return name.Replace('_', '-');
        yield return string.Concat(name.Split('_').Select((word, index) => index == 0 ? word : $"{char.ToUpperInvariant(word[0])}{word[1..]}"));
    }

    private static IEnumerable<string> QueryOf(JsonObject operation) =>
        (operation["parameters"]?.AsArray() ?? []).Select(Resolve).Where(parameter => (string?)parameter["in"] == "query").Select(parameter => (string)parameter["name"]!);

    /// <summary>Each field: how an object with it becomes a body, what stands before its name in errors, and its name.</summary>
    private static IEnumerable<(Func<JsonNode, JsonNode> Wrap, string At, string Name)> FieldsOf(JsonObject operation)
    {
        // Another protocol's, which says that unknown fields are ignored.
        if (operation["requestBody"]?["content"] is not JsonObject content || content.ContainsKey("application/x-protobuf"))
            return [];
        return FieldsOf(content["application/json"]!["schema"]!, value => value, "");
    }

    private static IEnumerable<(Func<JsonNode, JsonNode> Wrap, string At, string Name)> FieldsOf(JsonNode schema, Func<JsonNode, JsonNode> wrap, string at)
    {
        schema = Resolve(schema);
        foreach (var part in schema["anyOf"]?.AsArray().Concat(schema["oneOf"]?.AsArray() ?? []) ?? schema["oneOf"]?.AsArray() ?? [])
        {
            foreach (var field in FieldsOf(part!, wrap, at))
                yield return field;
        }
        if (schema["items"] is { } items)
        {
            foreach (var field in FieldsOf(items, value => wrap(new JsonArray(value)), at.Length == 0 ? "[0]." : $"{at[..^1]}[0]."))
                yield return field;
        }
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            yield return (wrap, at, name);
            foreach (var field in FieldsOf(property!, value => wrap(new JsonObject { [name] = value }), $"{at}{name}."))
                yield return field;
        }
    }

    private static IEnumerable<(string Method, string Path, JsonObject Operation)> Operations() =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), ExamplePath(path.Key, operation.Value!.AsObject()), operation.Value!.AsObject());

    private static string ExamplePath(string path, JsonObject operation)
    {
        foreach (var parameter in (operation["parameters"]?.AsArray() ?? []).Select(Resolve).Where(parameter => (string?)parameter["in"] == "path"))
            path = path.Replace($"{{{parameter["name"]}}}", parameter["example"]!.ToString(), StringComparison.Ordinal);
        return path;
    }

    private static JsonNode Resolve(JsonNode? node)
    {
        while (node!["$ref"] is JsonValue reference)
            node = ((string)reference!)[2..].Split('/').Aggregate((JsonNode)Document, (at, part) => at[part]!);
        return node;
    }

    private static JsonObject Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "docs", "openapi", "v2.json")))
            folder = folder.Parent;
        return JsonSerializer.Deserialize<JsonObject>(File.ReadAllBytes(Path.Combine(folder.FullName, "docs", "openapi", "v2.json")))!;
    }
}
