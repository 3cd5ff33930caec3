using System.Text.Json.Nodes;
using Jarvis.Gateway.OpenApi;

namespace Jarvis.Gateway.Tests.OpenApi;

public sealed class DocumentMergerTests
{
    [Fact]
    public void EqualSchemas_BecomeOne()
    {
        var merged = Merge(("a", Document("/a", "Page", "{}")), ("b", Document("/b", "Page", "{}")));
        Assert.Equal(["Page"], Schemas(merged));
    }

    [Fact]
    public void DifferentSchemasOfOneName_AreKeptApart_AndTheirReferencesFollow()
    {
        var merged = Merge(("a", Document("/a", "Page", """{"type": "object"}""")), ("b", Document("/b", "Page", """{"type": "array"}""")));
        Assert.Equal(["BPage", "Page"], Schemas(merged));
        Assert.Equal("#/components/schemas/Page", Reference(merged, "/a"));
        Assert.Equal("#/components/schemas/BPage", Reference(merged, "/b"));
    }

    [Fact]
    public void SchemaThatRefersToARenamedOne_IsRenamedToo()
    {
        const string Outer = """{"$ref": "#/components/schemas/Item"}""";
        var (a, b) = (Document("/a", "Page", Outer), Document("/b", "Page", Outer));
        a["components"]!["schemas"]!["Item"] = new JsonObject { ["type"] = "string" };
        b["components"]!["schemas"]!["Item"] = new JsonObject { ["type"] = "integer" };
        var merged = Merge(("a", a), ("b", b));
        Assert.Equal(["BItem", "BPage", "Item", "Page"], Schemas(merged));
        Assert.Equal("#/components/schemas/BItem", (string?)merged["components"]!["schemas"]!["BPage"]!["$ref"]);
    }

    [Fact]
    public void WhatNobodyReaches_IsLeftOut()
    {
        var document = Document("/a", "Page", "{}");
        document["components"]!["schemas"]!["Spare"] = new JsonObject();
        document["paths"]!["/hidden"] = document["paths"]!["/a"]!.DeepClone();
        document["components"]!["schemas"]!["Hidden"] = new JsonObject();
        var merged = DocumentMerger.Merge([], [new("a", document)], (_, path, _) => path != "/hidden");
        Assert.Equal(["Page"], Schemas(merged));
        Assert.Equal(["/a"], merged["paths"]!.AsObject().Select(path => path.Key));
    }

    [Fact]
    public void Order_DependsOnNothingButTheContent()
    {
        var document = JsonNode.Parse("""
            {"paths": {"/b": {"post": {"responses": {"500": {}, "200": {}}}, "get": {"responses": {}}}, "/a": {"get": {"responses": {}}}}}
            """)!.AsObject();
        var merged = Merge(("a", document));
        Assert.Equal("""{"/a":{"get":{"responses":{}}},"/b":{"get":{"responses":{}},"post":{"responses":{"200":{},"500":{}}}}}""", merged["paths"]!.ToJsonString());
    }

    [Fact]
    public void SecuritySchemes_AreNeeded_WhereTheyAreNamed()
    {
        var document = Document("/a", "Page", "{}");
        document["paths"]!["/a"]!["get"]!["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() });
        document["components"]!["securitySchemes"] = new JsonObject { ["bearer"] = new JsonObject { ["type"] = "http" }, ["other"] = new JsonObject() };
        var merged = Merge(("a", document));
        Assert.Equal(["bearer"], merged["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key));
    }

    private static JsonObject Merge(params (string Service, JsonObject Document)[] documents) =>
        DocumentMerger.Merge([], documents.Select(each => new ServiceDocument(each.Service, each.Document)), (_, _, _) => true);

    private static IEnumerable<string> Schemas(JsonObject merged) => merged["components"]!["schemas"]!.AsObject().Select(schema => schema.Key);

    private static string? Reference(JsonObject merged, string path) => (string?)merged["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"];

    private static JsonObject Document(string path, string schema, string json) => new()
    {
        ["paths"] = JsonNode.Parse("""{"PATH": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NAME"}}}}}}}}"""
            .Replace("PATH", path, StringComparison.Ordinal).Replace("NAME", schema, StringComparison.Ordinal)),
        ["components"] = new JsonObject { ["schemas"] = new JsonObject { [schema] = JsonNode.Parse(json) } },
    };
}
