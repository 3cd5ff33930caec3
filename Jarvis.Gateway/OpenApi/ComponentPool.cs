using System.Text.Json.Nodes;

namespace Jarvis.Gateway.OpenApi;

/// <summary>The components of the merged document, by <c>section/name</c>.</summary>
internal sealed class ComponentPool
{
    private const string Prefix = "#/components/";
    private static readonly string[] Sections = ["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes"];
    private readonly SortedDictionary<string, JsonNode> _components = new(StringComparer.Ordinal);

    /// <summary>Takes over what the operations need.</summary>
    /// <returns>The components that go by another name now.</returns>
    public IReadOnlyDictionary<string, string> Add(string service, JsonObject document, IEnumerable<JsonNode> operations)
    {
        var needed = Needed(document, operations);
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        // What refers to a component that is renamed differs from its namesake by that, so once more until nothing changes.
        while (needed.FirstOrDefault(each => !renamed.ContainsKey(each.Key) && Differs(each.Key, each.Value, renamed)) is { Key: { } key })
            renamed.Add(key, Renamed(key, service));
        foreach (var (key, component) in needed)
            _components[renamed.GetValueOrDefault(key, key)] = Rewrite(component, renamed);
        return renamed;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var section in Sections)
        {
            var named = new JsonObject(_components.Where(each => each.Key.StartsWith($"{section}/", StringComparison.Ordinal))
                .Select(each => KeyValuePair.Create(each.Key[(section.Length + 1)..], (JsonNode?)each.Value.DeepClone())));
            if (named.Count > 0)
                json[section] = named;
        }
        return json;
    }

    /// <summary>A copy whose references follow <paramref name="renamed"/>.</summary>
    public static T Rewrite<T>(T node, IReadOnlyDictionary<string, string> renamed)
        where T : JsonNode
    {
        var copy = (T)node.DeepClone();
        if (renamed.Count == 0)
            return copy;
        foreach (var reference in References(copy).ToList())
        {
            if (renamed.TryGetValue(KeyOf(reference), out var name))
                reference["$ref"] = $"{Prefix}{name}";
        }
        return copy;
    }

    private bool Differs(string key, JsonNode component, Dictionary<string, string> renamed) =>
        _components.TryGetValue(key, out var known) && !JsonNode.DeepEquals(known, Rewrite(component, renamed));

    private string Renamed(string key, string service)
    {
        var (section, name) = (key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var own = $"{section}/{char.ToUpperInvariant(service[0])}{service[1..]}{name}";
        for (var i = 2; _components.ContainsKey(own); i++)
            own = $"{section}/{char.ToUpperInvariant(service[0])}{service[1..]}{name}{i}";
        return own;
    }

    private static SortedDictionary<string, JsonNode> Needed(JsonObject document, IEnumerable<JsonNode> operations)
    {
        var needed = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        var waiting = new Queue<JsonNode>(operations);
        while (waiting.TryDequeue(out var node))
        {
            foreach (var key in References(node).Select(KeyOf).Concat(Schemes(node)))
            {
                var (section, name) = (key.Split('/')[0], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
                if (!needed.ContainsKey(key) && document["components"]?[section]?[name] is { } component)
                {
                    needed.Add(key, component);
                    waiting.Enqueue(component);
                }
            }
        }
        return needed;
    }

    /// <summary>The security schemes of an operation, which are named without a reference.</summary>
    private static IEnumerable<string> Schemes(JsonNode node) =>
        (node as JsonObject)?["security"] is JsonArray security ? security.OfType<JsonObject>().SelectMany(each => each).Select(each => $"securitySchemes/{each.Key}") : [];

    private static string KeyOf(JsonObject reference) => ((string)reference["$ref"]!)[Prefix.Length..];

    private static IEnumerable<JsonObject> References(JsonNode? node) => node switch
    {
        JsonObject value => (IsReference(value) ? [value] : Enumerable.Empty<JsonObject>()).Concat(value.SelectMany(member => References(member.Value))),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static bool IsReference(JsonObject value) =>
        value["$ref"] is JsonValue reference && reference.TryGetValue<string>(out var text) && text.StartsWith(Prefix, StringComparison.Ordinal);
}
