using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Semantic;

namespace Jarvis.Catalog.Tests;

public sealed class WorkflowMaskTests
{
    public static TheoryData<string> Parameters() => new(
        """{"headerParameters": {"parameters": [{"name": "Authorization", "value": "Bearer hunter2hunter2hunter2"}]}}""",
        """{"headerParameters": {"parameters": [{"name": "Authorization", "value": "Basic aHVudGVyMjpodW50ZXIy"}]}}""",
        """{"headerParameters": {"parameters": [{"value": "hunter2hunter2", "name": "X-Api-Key"}]}}""",
        """{"queryParameters": {"parameters": [{"name": "api_key", "value": "=hunter2hunter2"}]}}""",
        """{"url": "https://x.test/v1?api_key=h7u2n9t4e1r6h3u8n5t0&x=1"}""",
        """{"url": "=https://x.test/{{ $json.id }}?access_token=h7u2n9t4e1r6h3u8n5t0"}""",
        """{"url": "https://app:hunter2@x.test/v1"}""",
        """{"connectionString": "postgres://app:hunter2@db/x"}""",
        """{"url": "https://hooks.slack.com/services/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"}""",
        """{"url": "https://discord.com/api/webhooks/123456780/h7u2n9t4e1r6h3u8n5t0e2r7-h7u2"}""",
        """{"url": "https://api.telegram.org/bot987654321:h7u2n9t4e1r6h3u8n5t0e2r7h7u2n9/sendMessage"}""",
        """{"jsCode": "const apiKey = 'hunter2hunter2';\nreturn items;"}""",
        """{"functionCode": "fetch(u, { headers: { 'X-API-Key': \"hunter2hunter2\" } })"}""",
        """{"functionCode": "const password = `hunter2hunter2`"}""",
        """{"pythonCode": "client = Client(token=\"hunter2hunter2\")"}""",
        """{"jsCode": "// sk-ant-hunter2hunter2hunter2"}""",
        """{"jsonBody": "{\n  \"client_secret\": \"hunter2hunter2\",\n  \"x\": \"{{ $json.x }}\"\n}"}""",
        """{"jsonHeaders": "{\"Authorization\": \"Bearer h7u2n9t4e1r6h3u8n5t0\"}"}""",
        """{"body": "{\\\"password\\\": \\\"hunter2hunter2\\\"}"}""",
        """{"command": "curl -u me:hunter2 https://x.test --token hunter2"}""",
        """{"password": "hunter2"}""",
        """{"options": {"password": "hunter-words-only"}}""",
        """{"assignments": {"assignments": [{"id": "6b0e", "name": "token", "value": "hunter2hunter2", "type": "string"}]}}""",
        """{"values": {"string": [{"name": "secret", "value": "hunter2hunter2"}]}}""",
        """{"fields": {"values": [{"name": "apiKey", "stringValue": "hunter2hunter2"}]}}""",
        """{"privateKey": "-----BEGIN PRIVATE KEY-----\nhunter2MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nhunter2\n-----END PRIVATE KEY-----\n"}""",
        """{"workflowJson": "{\"nodes\": [{\"parameters\": {\"password\": \"hunter2\"}, \"name\": \"x\", \"type\": \"n8n-nodes-base.set\"}], \"connections\": {}, \"pinData\": {\"x\": [\"hunter\"]}}"}""");

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Scan_LiteralSecretInAParameter_AppearsNowhere(string parameters)
    {
        using var library = Library(parameters);
        var snapshot = library.Scan();
        var seen = Seen(snapshot);
        foreach (var part in (string[])["hunter", "aHVu", "h7u2n9", "H7U2N9"])
            Assert.DoesNotContain(part, seen, StringComparison.Ordinal);
        Assert.Empty(snapshot.Ranker.Find("hunter2hunter2"));
        Assert.Contains(SecretMask.Shown, Content(snapshot), StringComparison.Ordinal);
        var note = Assert.Single(snapshot.Diagnostics, diagnostic => diagnostic.Code == "literal_secret");
        Assert.Equal(3, note.Line);
        Assert.Contains("'A'", note.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"headerParameters": {"parameters": [{"name": "Authorization", "value": "=Bearer {{ $env.API_KEY_2 }}"}]}}""")]
    [InlineData("""{"headerParameters": {"parameters": [{"name": "Authorization", "value": "={{ $credentials.token123 }}"}, {"name": "X-Api-Key", "value": "YOUR_API_KEY_1"}]}}""")]
    [InlineData("""{"url": "=https://x.test/?api_key={{ $env.KEY }}&access_token=<your_public_key1>", "authentication": "oAuth2", "nodeCredentialType": "googleSheetsOAuth2Api"}""")]
    [InlineData("""{"documentId": {"__rl": true, "value": "1mB7cQ9xY2zW4vU6tS8rQ0pO2nM4lK6jI8hG0fE2dC4b", "mode": "list"}, "sheetName": {"value": "gid=0"}}""")]
    [InlineData("""{"jsCode": "const apiKey = $env.API_KEY1; const token = items[0].json.token2; const key = 'metadata.company_id2';"}""")]
    [InlineData("""{"sessionIdType": "customKey", "sessionKey": "test-0dacb3b5-4bcd-47dd-8456-dcfd8c258204", "keyName": "field_12345678", "maxTokens": 4096}""")]
    [InlineData("""{"options": {"systemMessage": "Basic understanding of tokens: 1. a token is a word. Keep the password secret."}, "binaryImageDataKey": "data_10"}""")]
    [InlineData("""{"url": "postgres://user:password@localhost/db", "path": "6f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f"}""")]
    public void Scan_ExpressionsReferencesAndOrdinaryText_StayByteForByte(string parameters)
    {
        using var library = Library(parameters);
        var snapshot = library.Scan();
        Assert.DoesNotContain(snapshot.Diagnostics, note => note.Code == "literal_secret");
        Assert.Equal(File.ReadAllText(Path.Combine(library.Folder, "flow.json")).Trim(), Content(snapshot));
    }

    [Fact]
    public void Scan_ReferencesToCredentials_StayAndDecryptedOnesDoNot()
    {
        using var library = Library("{}", """, "credentials": {"httpHeaderAuth": {"id": "kPGdGJjkYxMDJ0Xu", "name": "Team 1"}, "smtp": {"id": "2", "name": "Mail", "data": {"password": "hunter2", "port": 25}}}""");
        var snapshot = library.Scan();
        Assert.DoesNotContain("hunter", Seen(snapshot), StringComparison.Ordinal);
        Assert.Contains("kPGdGJjkYxMDJ0Xu", Content(snapshot), StringComparison.Ordinal);
        Assert.Equal([new("httpHeaderAuth", "Team 1"), new("smtp", "Mail")], Assert.IsType<Workflow>(snapshot.Entries[0].Resource).Credentials);
    }

    [Fact]
    public void Scan_RecordedData_IsLeftOut()
    {
        using var library = new TempLibrary().Write("flow.json", """
            {"name": "Flow", "nodes": [{"name": "pinData", "type": "n8n-nodes-base.manualTrigger", "parameters": {"staticData": "stays"}}], "connections": {"pinData": {"main": []}},
            "pinData": {"pinData": [{"json": {"email": "somebody-private@x.test"}}]}, "staticData": {"lastId": "private-2"},
            "activeVersion": {"nodes": [{"name": "x", "type": "n8n-nodes-base.set", "parameters": {"password": "hunter2"}}], "pinData": {"x": ["private"]}}}
            """);
        var snapshot = library.Scan();
        Assert.DoesNotContain("private", Seen(snapshot), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", Seen(snapshot), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(Content(snapshot));
        Assert.Equal(["name", "nodes", "connections", "activeVersion"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("stays", json.RootElement.GetProperty("nodes")[0].GetProperty("parameters").GetProperty("staticData").GetString());
        Assert.Equal("pinData", json.RootElement.GetProperty("connections").EnumerateObject().Single().Name);
    }

    [Fact]
    public void Scan_SecretsInNamesNotesTagsAndSettings_AppearNowhere()
    {
        const string Key = "sk-hunter2hunter2hunter2";
        using var library = new TempLibrary().Write("flow.json", $$"""
            {"name": "Flow {{Key}}", "description": "Uses {{Key}}", "tags": ["{{Key}}"], "settings": {"x": "{{Key}}"}, "meta": {"{{Key}}": 1},
            "nodes": [{"name": "Start {{Key}}", "type": "n8n-nodes-base.manualTrigger"}, {"name": "Lost {{Key}}", "type": "n8n-nodes-base.noOp"},
            {"name": "Note", "type": "n8n-nodes-base.stickyNote", "parameters": {"content": "Use {{Key}}"} }],
            "connections": {"Start {{Key}}": {"main": [[{"node": "Gone {{Key}}"}]]} } }
            """);
        var snapshot = library.Scan();
        Assert.DoesNotContain("hunter", Seen(snapshot), StringComparison.Ordinal);
        Assert.Equal($"Flow {SecretMask.Shown}", snapshot.Entries[0].Resource.Name);
    }

    [Theory]
    [InlineData("/api/v2/workflows/flow/content?raw=true")]
    [InlineData("/api/v2/workflows/flow/content")]
    [InlineData("/api/v2/workflows/flow")]
    [InlineData("/api/v2/workflows/flow/graph")]
    [InlineData("/api/v2/workflows")]
    [InlineData("/api/v1/workflows")]
    [InlineData("/api/v2/search?q=flow")]
    [InlineData("/api/v2/catalog/diagnostics?code=literal_secret")]
    public async Task Get_WorkflowWithSecrets_HasNoneInTheAnswer(string path)
    {
        await using var host = await CatalogHost.StartAsync(Library("""{"headerParameters": {"parameters": [{"name": "Authorization", "value": "Bearer hunter2hunter2hunter2"}]}}""",
            """, "notes": "hunter2", "credentials": {}}], "pinData": {"A": [{"hunter2": 1}]}, "meta": {"x": [{"x": 1""", "}]}"));
        var text = (await host.JsonAsync(path)).GetRawText();
        Assert.Contains("Flow", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hunter2hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pinData", text, StringComparison.Ordinal);
    }

    private static TempLibrary Library(string parameters, string more = "", string end = "}]") => new TempLibrary().Write("flow.json",
        $"{{\"id\": \"1\", \"name\": \"Flow\",\n\"nodes\": [\n{{\"name\": \"A\", \"type\": \"n8n-nodes-base.manualTrigger\", \"parameters\": {parameters}{more}{end}, \"connections\": {{}}}}");

    private static string Content(CatalogSnapshot snapshot) => Encoding.UTF8.GetString(Assert.Single(snapshot.Entries).Content.Utf8);

    private static string Seen(CatalogSnapshot snapshot) => string.Concat(
        Content(snapshot), Encoding.UTF8.GetString(snapshot.Entries[0].Json.Span), string.Concat(snapshot.Diagnostics), EmbeddingText.Of(snapshot.Entries[0], new()),
        JsonSerializer.Serialize(WorkflowGraphs.Of(snapshot.Entries[0].Resource, snapshot.Entries[0].Content.Utf8)));
}
