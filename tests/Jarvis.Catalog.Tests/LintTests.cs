using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Linting;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class LintTests
{
    [Fact]
    public void Lint_SoundWorkflow_HasNoFinding()
    {
        using var library = Library("""
            {"name": "In", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "parameters": {"path": "in", "authentication": "headerAuth"}},
            {"name": "Agent", "type": "@n8n/n8n-nodes-langchain.agent", "typeVersion": 3},
            {"name": "Model", "type": "@n8n/n8n-nodes-langchain.lmChatOpenAi", "typeVersion": 1.2},
            {"name": "Store", "type": "@n8n/n8n-nodes-langchain.vectorStoreQdrant"},
            {"name": "Embed", "type": "@n8n/n8n-nodes-langchain.embeddingsOpenAi"},
            {"name": "Note", "type": "n8n-nodes-base.stickyNote", "parameters": {"content": "Bearer sk-hunter2hunter2hunter2"}}
            """, """{"In": {"main": [[{"node": "Agent", "type": "main", "index": 0}]]}, "Model": {"ai_languageModel": [[{"node": "Agent"}]]}, "Store": {"ai_tool": [[{"node": "Agent"}]]}, "Embed": {"ai_embedding": [[{"node": "Store"}]]}, "Agent": {"main": [null, []]}}""");
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Lint_EachRule_GivesOneFindingWithItsLineAndNodes()
    {
        using var library = Library("""
            {"name": "In", "type": "n8n-nodes-base.webhook", "typeVersion": 1, "parameters": {"path": "in"}},
            {"name": "Old 1", "type": "n8n-nodes-base.function"},
            {"name": "Old 2", "type": "n8n-nodes-base.function"},
            {"name": "Http", "type": "n8n-nodes-base.httpRequest", "typeVersion": 3, "disabled": true, "credentials": {"a": {"name": "A"}}},
            {"name": "Lost", "type": "n8n-nodes-base.set", "typeVersion": 3.4},
            {"name": "Leak", "type": "n8n-nodes-base.noOp", "parameters": {"h": {"parameters": [{"name": "Authorization", "value": "Bearer k9f8e7d6c5b4a3"}]}}}
            """, """{"In": {"main": [[{"node": "Old 1"}], [{"node": "Gone"}]]}, "Old 1": {"main": [[{"node": "Old 2"}, {"node": "Leak"}]]}, "Old 2": {"main": [[{"node": "Http"}]]}}""");
        var notes = library.Scan().Diagnostics;
        Assert.Equal(
            [
                ("lint_dangling_connection", 8, DiagnosticSeverity.Error), ("lint_webhook_open", 2, DiagnosticSeverity.Warning), ("lint_disabled_node", 5, DiagnosticSeverity.Info),
                ("lint_unreachable_node", 6, DiagnosticSeverity.Warning), ("lint_deprecated_node", 3, DiagnosticSeverity.Warning), ("lint_outdated_node", 2, DiagnosticSeverity.Info),
                ("lint_credentials", 1, DiagnosticSeverity.Info), ("literal_secret", 7, DiagnosticSeverity.Warning),
            ], notes.Select(note => (note.Code, note.Line!.Value, note.Severity)));
        Assert.Contains("'Old 1', 'Old 2'", notes.Single(note => note.Code == "lint_deprecated_node").Reason, StringComparison.Ordinal);
        Assert.Contains("'Leak' (Authorization)", notes.Single(note => note.Code == "literal_secret").Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("k9f8", string.Concat(notes), StringComparison.Ordinal);
        Assert.All(notes, note => Assert.NotEmpty(note.Fix));
        Assert.Equal(DiagnosticState.Degraded, library.Only<Workflow>().State);
    }

    [Fact]
    public void Lint_Warnings_DoNotMakeTheWorkflowDoubtful()
    {
        using var library = Library("""{"name": "Cron", "type": "n8n-nodes-base.cron"}, {"name": "Lost", "type": "n8n-nodes-base.noOp"}""", "{}");
        Assert.Equal(["lint_unreachable_node", "lint_deprecated_node"], library.Scan().Diagnostics.Select(note => note.Code));
        Assert.Equal(DiagnosticState.Ok, library.Only<Workflow>().State);
    }

    [Theory]
    [InlineData("""{"name": "A", "type": "n8n-nodes-base.noOp"}""", 1)]
    [InlineData("""{"name": "A", "type": "n8n-nodes-base.manualTrigger", "disabled": true}""", 1)]
    [InlineData("""{"name": "A", "type": "n8n-nodes-base.stickyNote"}""", 0)]
    public void Lint_WithoutTrigger_SaysSoOnce(string nodes, int count)
    {
        using var library = Library(nodes, "{}");
        Assert.Equal(count, library.Scan().Diagnostics.Count(note => note.Code == "lint_no_trigger"));
        Assert.DoesNotContain(library.Scan().Diagnostics, note => note.Code == "lint_unreachable_node");
    }

    [Theory]
    [InlineData("""{"headers": {"parameters": [{"name": "X-Api-Key", "value": "455144dac89b783b2f54"}]}}""", true)]
    [InlineData("""{"password": "E223706995"}""", true)]
    [InlineData("""{"jsCode": "const key = 'sk-a1b2c3d4e5f6g7h8i9j0';"}""", true)]
    [InlineData("""{"url": "https://x.test/?api_key=982dc86a0c1bd4c71185"}""", true)]
    [InlineData("""{"url": "postgres://app:s3cret99@db/x"}""", true)]
    [InlineData("""{"jsonHeaders": "{\"Authorization\": \"Bearer 982dc86a0c1bd4c71185d39a\"}"}""", true)]
    [InlineData("""{"authentication": "genericCredentialType", "nodeCredentialType": "airtableTokenApi2", "sessionKey": "chat_1234567890", "maxTokens": 4096}""", false)]
    [InlineData("""{"headers": {"parameters": [{"name": "Authorization", "value": "=Bearer {{ $env.API_KEY_2 }}"}, {"name": "Authorization", "value": "Bearer YOUR_API_KEY_1"}]}}""", false)]
    [InlineData("""{"api_key": "<your_scrapingbee_apikey1>", "token": "bot[your-telegram-bot-token1]", "secret": "", "password": "y0ur app1 p4ss w0rd"}""", false)]
    [InlineData("""{"propertyValues": [{"key": "Published At 2024|date"}], "extraction": {"key": "headline"}}""", false)]
    public void Lint_LiteralSecrets_AreToldFromWhatIsNone(string parameters, bool expected)
    {
        using var library = Library($$"""{"name": "A", "type": "n8n-nodes-base.manualTrigger", "parameters": {{parameters}}}""", "{}");
        Assert.Equal(expected, library.Scan().Diagnostics.Any(note => note.Code == "literal_secret"));
    }

    [Fact]
    public void Of_ActiveWorkflowsOnOnePath_AreToldAcrossFiles()
    {
        using var library = new TempLibrary()
            .Write("a.json", Hook("a", "A", active: "true", "in", "POST")).Write("b.json", Hook("b", "B", active: "\"true\"", "/in/", "POST"))
            .Write("copy.json", Hook("a", "A copy", active: "true", "alone", "GET")).Write("copy2.json", Hook("a", "A copy", active: "true", "alone", "GET"))
            .Write("off.json", Hook("c", "C", active: "false", "in", "POST")).Write("other.json", Hook("d", "D", active: "true", "in", "GET"))
            .Write("expression.json", Hook("e", "E", active: "true", "={{ 1 }}", "GET")).Write("expression2.json", Hook("f", "F", active: "true", "={{ 1 }}", "GET"));
        var notes = library.Scan().Diagnostics.Where(note => note.Code == "lint_webhook_conflict").ToList();
        Assert.Equal([("a.json", 2), ("b.json", 2)], notes.Select(note => (note.Path, note.Line!.Value)));
        Assert.Contains("POST in, as does 'B'", notes[0].Reason, StringComparison.Ordinal);
        Assert.All(library.Scan().Entries, entry => Assert.Equal(DiagnosticState.Ok, entry.Resource.State));
    }

    [Fact]
    public void Of_TenThousandOnOnePath_StaysBounded()
    {
        var workflows = Enumerable.Range(0, 10_000).Select(at => new Workflow { Name = $"w{at}", Description = "", N8nId = $"{at}", Active = true, Webhooks = [new("in", "GET", "none", "onReceived", "In")] });
        var notes = WebhookConflicts.Of(workflows).ToList();
        Assert.Equal(10_000, notes.Count);
        Assert.All(notes, note => Assert.True(note.Reason.Length < 500));
    }

    private static TempLibrary Library(string nodes, string connections) =>
        new TempLibrary().Write("flow.json", $"{{\"id\": \"1\", \"name\": \"Flow\", \"nodes\": [\n{nodes}],\n\"connections\": {connections.ReplaceLineEndings(" ")}}}");

    private static string Hook(string id, string name, string active, string path, string method) => $$$"""
        {"id": "{{{id}}}", "name": "{{{name}}}", "active": {{{active}}}, "connections": {}, "nodes": [
        {"name": "In", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "parameters": {"path": "{{{path}}}", "httpMethod": "{{{method}}}", "authentication": "basicAuth"}}]}
        """;
}
