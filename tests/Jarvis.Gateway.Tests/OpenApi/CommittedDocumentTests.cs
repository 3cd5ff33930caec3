using System.Text.Json.Nodes;
using Jarvis.Gateway.OpenApi;

namespace Jarvis.Gateway.Tests.OpenApi;

/// <summary>The committed API description is complete and true to itself.</summary>
public sealed class CommittedDocumentTests
{
    private static readonly string[] Roles = ["anonymous", "signed-in", "viewer", "operator", "admin", "telemetry-write", "service"];
    private static readonly JsonObject Document = ServiceDocuments.Committed;
    private static readonly JsonSchemaCheck Schemas = new(Document);

    private static readonly IReadOnlyList<string> Names =
        [.. Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}"))];

    public static TheoryData<string> Operations => [.. Names];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_IsDescribed(string name)
    {
        var (operation, missing) = (Of(name), new List<string>());
        foreach (var member in (string[])["summary", "operationId", "tags", "description", "x-required-role", "security", "responses"])
        {
            if (operation[member] is null or JsonArray { Count: 0 } && member != "security")
                missing.Add(member);
        }
        missing.AddRange(from parameter in operation["parameters"]?.AsArray() ?? []
                         let described = Schemas.Resolve(parameter!)
                         from member in (string[])["description", "schema", "example"]
                         where described[member] is null
                         select $"{member} of the parameter {described["name"]}");
        Assert.True(missing.Count == 0, $"{name} lacks {string.Join(", ", missing)}");
        Assert.Contains((string)operation["x-required-role"]!, Roles);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_HasExamples_ThatItsSchemasAllow(string name)
    {
        var (operation, wrong) = (Of(name), new List<string>());
        if (operation["requestBody"]?["content"] is JsonObject request)
            wrong.AddRange(Wrong(request, "The body"));
        var answers = operation["responses"]!.AsObject();
        Assert.Contains(answers, answer => answer.Key[0] == '2');
        Assert.Contains(answers, answer => answer.Key[0] is '4' or '5');
        foreach (var (status, answer) in answers)
        {
            var described = Schemas.Resolve(answer!);
            if (described["content"] is JsonObject content)
                wrong.AddRange(Wrong(content, status));
            else if (status is not ("302" or "304" or "204"))
                wrong.Add($"{status}: has no content");
            wrong.AddRange((described["headers"]?.AsObject() ?? []).Where(header => Schemas.Resolve(header.Value!)["example"] is null).Select(header => $"{status}: the header {header.Key} has no example"));
        }
        Assert.True(wrong.Count == 0, $"{name}:\n{string.Join('\n', wrong)}\nExamples are the files OpenApi/Examples/{operation["operationId"]}.json of the handler's project.");
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Parameters_AndHeaders_HaveExamplesThatTheirSchemasAllow(string name)
    {
        var operation = Of(name);
        var described = (operation["parameters"]?.AsArray() ?? []).Select(parameter => (Name: (string?)Schemas.Resolve(parameter!)["name"], Value: Schemas.Resolve(parameter!)))
            .Concat(operation["responses"]!.AsObject().SelectMany(answer => Schemas.Resolve(answer.Value!)["headers"]?.AsObject().AsEnumerable() ?? [])
                .Select(header => (Name: (string?)header.Key, Value: Schemas.Resolve(header.Value!))));
        var wrong = described.SelectMany(each => Schemas.Validate(each.Value["example"], each.Value["schema"]!).Concat(Defaults(each.Value["schema"]!)).Select(error => $"{each.Name}: {error}")).Distinct(StringComparer.Ordinal).ToList();
        Assert.True(wrong.Count == 0, $"{name}:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Schemas_HaveExamplesAndDefaultsThatTheyAllow()
    {
        var wrong = Document["components"]!["schemas"]!.AsObject().SelectMany(schema => Defaults(schema.Value!).Select(error => $"{schema.Key}: {error}")).ToList();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void OperationIds_AreUnique_AndOfOneStyle()
    {
        var ids = Names.Select(name => (string)Of(name)["operationId"]!).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, id => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", id));
    }

    [Fact]
    public void Tags_AreDescribed() =>
        Assert.All(Names.SelectMany(name => Of(name)["tags"]!.AsArray().Select(tag => (string)tag!)).Distinct(StringComparer.Ordinal),
            tag => Assert.Contains(Document["tags"]!.AsArray(), known => (string)known!["name"]! == tag && known["description"] is not null));

    [Fact]
    public void Text_TellsNothingInternal()
    {
        var json = Document.ToJsonString();
        // A namespace, not the end of a sentence.
        Assert.DoesNotMatch(@"Jarvis\.\w", json.Replace("Jarvis.Catalog/README.md", "", StringComparison.Ordinal));
        Assert.DoesNotContain("/tmp/", json, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Wrong(JsonObject content, string what)
    {
        foreach (var (type, media) in content)
        {
            if (!type.EndsWith("json", StringComparison.Ordinal))
                continue;
            var examples = media!["examples"]?.AsObject().Select(each => each.Value!["value"]).ToList() ?? (media["example"] is { } single ? [single] : []);
            if (examples.Count == 0)
                yield return $"{what}: {type} has no example";
            foreach (var error in examples.SelectMany(example => Schemas.Validate(example, media["schema"]!)))
                yield return $"{what}: {error}";
        }
    }

    /// <summary>What is wrong with the examples and defaults within a schema.</summary>
    private static IEnumerable<string> Defaults(JsonNode schema)
    {
        if (schema is not JsonObject members || members.ContainsKey("$ref"))
            return [];
        var own = members.Where(member => member.Key is "default" or "example").SelectMany(member => Schemas.Validate(member.Value, schema));
        var several = (members["examples"] as JsonArray ?? []).SelectMany(example => Schemas.Validate(example, schema));
        var parts = (members["properties"]?.AsObject().Select(member => member.Value!) ?? []).Concat(
            ((string[])["anyOf", "oneOf", "allOf"]).SelectMany(name => members[name]?.AsArray() ?? []).Concat([members["items"], members["additionalProperties"]]).OfType<JsonNode>());
        return [.. own, .. several, .. parts.SelectMany(Defaults)];
    }

    private static JsonNode Of(string name) => Document["paths"]![name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..]]![name.Split(' ')[0]]!;
}
