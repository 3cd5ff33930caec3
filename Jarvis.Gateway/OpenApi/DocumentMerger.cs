using System.Text.Json.Nodes;

namespace Jarvis.Gateway.OpenApi;

/// <summary>A service and its OpenAPI document.</summary>
internal sealed record ServiceDocument(string Service, JsonObject Document);

/// <summary>
/// Makes one OpenAPI document of several. Components of one name that are equal become one; where they differ, the later one goes by its service's name too. What no operation
/// needs is left out, and everything stands in an order that depends on nothing but its content.
/// </summary>
internal static class DocumentMerger
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    /// <summary>The documents as one; of an operation that two have, the first one's.</summary>
    /// <param name="isExposed">Whether a service's operation, by path and method, can be called.</param>
    public static JsonObject Merge(JsonObject info, IEnumerable<ServiceDocument> documents, Func<string, string, string, bool> isExposed)
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var components = new ComponentPool();
        var tags = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (service, document) in documents)
        {
            var exposed = Exposed(document, (path, method) => isExposed(service, path, method) && paths.GetValueOrDefault(path)?.ContainsKey(method) != true);
            var renamed = components.Add(service, document, exposed.SelectMany(path => path.Value.Select(operation => operation.Value!)));
            foreach (var (path, operations) in exposed)
            {
                if (!paths.TryGetValue(path, out var merged))
                    paths.Add(path, merged = []);
                foreach (var (method, operation) in operations)
                    merged[method] = Ordered(ComponentPool.Rewrite((JsonObject)operation!, renamed));
            }
            foreach (var tag in document["tags"]?.AsArray().OfType<JsonObject>() ?? [])
                tags.TryAdd((string)tag["name"]!, (JsonObject)tag.DeepClone());
        }

        var used = paths.Values.SelectMany(path => path).SelectMany(operation => operation.Value!["tags"]?.AsArray().Select(tag => (string)tag!) ?? []).ToHashSet(StringComparer.Ordinal);
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = info.DeepClone(),
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = new JsonArray([.. tags.Where(tag => used.Contains(tag.Key)).Select(tag => tag.Value)]),
            ["paths"] = new JsonObject(paths.Select(path => KeyValuePair.Create(path.Key, (JsonNode?)InOrder(path.Value)))),
            ["components"] = components.ToJson(),
        };
    }

    private static Dictionary<string, JsonObject> Exposed(JsonObject document, Func<string, string, bool> isExposed)
    {
        var exposed = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (path, operations) in document["paths"]?.AsObject() ?? [])
        {
            var some = new JsonObject(operations!.AsObject().Where(operation => Methods.Contains(operation.Key, StringComparer.Ordinal) && isExposed(path, operation.Key))
                .Select(operation => KeyValuePair.Create(operation.Key, operation.Value?.DeepClone())));
            if (some.Count > 0)
                exposed.Add(path, some);
        }
        return exposed;
    }

    private static JsonObject InOrder(JsonObject operations) =>
        new(Methods.Where(operations.ContainsKey).Select(method => KeyValuePair.Create(method, operations[method]?.DeepClone())));

    private static JsonObject Ordered(JsonObject operation)
    {
        if (operation["responses"] is JsonObject responses)
            operation["responses"] = new JsonObject(responses.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => KeyValuePair.Create(each.Key, each.Value?.DeepClone())));
        return operation;
    }
}
