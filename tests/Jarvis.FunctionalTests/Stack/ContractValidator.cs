using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Tests.OpenApi;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>
/// Holds every answer that a test gets against the committed API description: the route and the status must be described, the headers that are promised be there, and the body be of
/// the shape that is told. A test whose answer breaks the contract fails at that answer.
/// </summary>
internal sealed class ContractValidator(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly JsonObject Document = (JsonObject)JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "docs", "openapi", "v2.json")))!;
    private static readonly JsonSchemaCheck Schemas = new(Document);

    private static readonly IReadOnlyList<KeyValuePair<string, string>> Aliases =
        [.. JsonNode.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "Jarvis.Gateway", "appsettings.json")))!["Legacy"]!["Names"]!.AsObject()
            .Select(name => KeyValuePair.Create(name.Key, (string)name.Value!)).OrderByDescending(name => name.Key.Length)];

    // Routes of the process and of other protocols: their form is not the API's.
    private static readonly string[] Undescribed = ["/docs", "/ws", "/mcp"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // As it was asked for: a redirect or a handler before this one may change it.
        var (method, uri) = (request.Method, request.RequestUri!);
        var response = await base.SendAsync(request, cancellationToken);
        if (Array.Exists(Undescribed, path => IsBelow(uri.AbsolutePath, path)) || response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return response;
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await ReadAsync(response, cancellationToken);
        var violations = Violations(method.Method, uri.AbsolutePath, response, body);
        if (violations.Count > 0)
            Assert.Fail($"{method} {uri.PathAndQuery} → {(int)response.StatusCode} breaks the contract of docs/openapi/v2.json:\n{string.Join('\n', violations)}\n{body}");
        return response;
    }

    /// <summary>The text, which the test gets as it was sent.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Stream bytes = new MemoryStream(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        bytes = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(bytes, CompressionMode.Decompress),
            "br" => new BrotliStream(bytes, CompressionMode.Decompress),
            _ => bytes,
        };
        using var reader = new StreamReader(bytes);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static List<string> Violations(string method, string path, HttpResponseMessage response, string body)
    {
        var status = (int)response.StatusCode;
        var operations = Find(Current(path));
        var operation = operations?[method == "HEAD" ? "get" : method.ToLowerInvariant()];
        if (operation is null)
            return [.. status is 404 or 405 or 403 or 401 or 400 or 429 ? Problem(body) : ["The route is not described, and the answer is no 404 or 405."]];
        if (operation["responses"]?[$"{status}"] is not { } described)
            return [$"The status {status} is not described."];
        var answer = Schemas.Resolve(described);
        return [.. Headers(answer, response), .. status == 304 || method == "HEAD" ? [] : Body(answer, response, body)];
    }

    private static IEnumerable<string> Headers(JsonNode answer, HttpResponseMessage response)
    {
        foreach (var (name, header) in answer["headers"]?.AsObject() ?? [])
        {
            if ((bool?)Schemas.Resolve(header!)["required"] == true && !response.Headers.Contains(name) && !response.Content.Headers.Contains(name))
                yield return $"The header {name} is missing.";
        }
    }

    private static IEnumerable<string> Body(JsonNode answer, HttpResponseMessage response, string body)
    {
        var type = response.Content.Headers.ContentType?.MediaType;
        if (answer["content"] is not JsonObject { Count: > 0 } contents)
            return body.Length == 0 ? [] : ["There is a body, and none is described."];
        if (type is null || contents[type] is not { } content)
            return [$"The content type '{type}' is not described: {string.Join(", ", contents.Select(each => each.Key))} are."];
        return type.EndsWith("json", StringComparison.Ordinal) ? Json(body, content["schema"]!) : [];
    }

    private static IEnumerable<string> Problem(string body) =>
        body.Length == 0 ? [] : Json(body, Document["components"]!["schemas"]!["Problem"]!);

    private static IReadOnlyList<string> Json(string body, JsonNode schema)
    {
        try
        {
            return Schemas.Validate(JsonNode.Parse(body, nodeOptions: null, new JsonDocumentOptions { AllowDuplicateProperties = false }), schema);
        }
        catch (JsonException exception)
        {
            return [exception.Message];
        }
    }

    /// <summary>The path of version 2 for an unversioned one.</summary>
    private static string Current(string path)
    {
        // The one route of version 1 that has version 2's shape.
        if (IsBelow(path, "/api/v1/circuit-breakers"))
            return path.Replace("/v1/", "/v2/", StringComparison.Ordinal);
        var alias = Aliases.FirstOrDefault(name => IsBelow(path, name.Key));
        return alias.Key is null || path.StartsWith("/api/v2/", StringComparison.Ordinal) ? path : $"{alias.Value}{path[alias.Key.Length..]}";
    }

    private static bool IsBelow(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && (path.Length == prefix.Length || path[prefix.Length] == '/');

    /// <summary>The operations of a path; literal segments before parameters.</summary>
    private static JsonNode? Find(string path)
    {
        var parts = path.TrimEnd('/').Split('/');
        return Document["paths"]!.AsObject().Where(each => Fits(each.Key.TrimEnd('/').Split('/'), parts)).OrderBy(each => each.Key.Count(character => character == '{'))
            .Select(each => each.Value).FirstOrDefault();
    }

    private static bool Fits(string[] template, string[] parts) =>
        template.Length == parts.Length && template.Zip(parts).All(pair => (pair.First.StartsWith('{') && pair.Second.Length > 0) || string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
}
