using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class WorkflowTests
{
    private const string Hook = """
        {"name": "Order intake", "id": 7, "active": "true", "tags": ["a", {"name": "b"}], "connections": {}, "nodes": [
          {"name": "In", "type": "n8n-nodes-base.webhook", "parameters": {"path": "/orders", "httpMethod": "POST", "authentication": "headerAuth", "responseMode": "responseNode"}},
          {"name": "Bare", "type": "n8n-nodes-base.webhook", "webhookId": "w-1", "parameters": {}},
          {"name": "Off", "type": "n8n-nodes-base.webhook", "disabled": true, "parameters": {"path": "off"}},
          {"name": "Many", "type": "n8n-nodes-base.webhook", "parameters": {"path": "many", "multipleMethods": true, "httpMethod": ["GET", "POST"]}},
          {"name": "Every day", "type": "n8n-nodes-base.scheduleTrigger"},
          {"name": "Note", "type": "n8n-nodes-base.stickyNote", "parameters": {"content": "## Orders\nTakes orders in."}},
          {"name": "Set", "type": "n8n-nodes-base.set"}]}
        """;

    [Fact]
    public void Parse_Export_GivesWebhooksTriggersAndTypes()
    {
        using var library = new TempLibrary().Write("Shop Stuff/intake.json", Hook);
        var workflow = library.Only<Workflow>();
        Assert.Equal<Webhook>(
            [
                new("orders", "POST", "headerAuth", "responseNode", "In"), new("w-1", "GET", "none", "onReceived", "Bare"),
                new("many", "GET", "none", "onReceived", "Many"), new("many", "POST", "none", "onReceived", "Many"),
            ], workflow.Webhooks.Select(webhook => webhook with { Line = null }));
        Assert.Equal([2, 3, 5, 5], workflow.Webhooks.Select(webhook => webhook.Line));
        Assert.Equal(["In", "Bare", "Many", "Every day"], workflow.Triggers.Select(trigger => trigger.Node));
        Assert.Equal(["n8n-nodes-base.scheduleTrigger", "n8n-nodes-base.set", "n8n-nodes-base.webhook"], workflow.NodeTypes);
        Assert.Equal(("order-intake", "7", true, 6, "Takes orders in.", "shop-stuff"),
            (workflow.Id, workflow.N8nId, workflow.Active, workflow.NodeCount, workflow.Description, workflow.Category));
        Assert.Equal(["a", "b"], workflow.Tags);
    }

    [Fact]
    public void Parse_MethodThatIsNoText_IsLeftOut()
    {
        using var library = new TempLibrary().Write("hook.json",
            """{"name": "Hook", "connections": {}, "nodes": [{"name": "In", "type": "n8n-nodes-base.webhook", "parameters": {"path": "in", "httpMethod": [1, "PUT"]}}]}""");
        Assert.Equal("PUT", Assert.Single(library.Only<Workflow>().Webhooks).Method);
    }

    [Fact]
    public void Parse_Array_GivesEachWorkflowAndRejectsTheRest()
    {
        using var library = new TempLibrary().Write("all.json", $"[{Hook}, {{\"x\": 1}}, {{\"nodes\": [], \"connections\": {{}}}}]");
        var snapshot = library.Scan();
        Assert.Equal(["all 3", "Order intake"], snapshot[ResourceKind.Workflow].By("name").Select(entry => entry.Resource.Name));
        Assert.Contains(snapshot.Diagnostics, diagnostic => diagnostic is { Code: "not_a_workflow", State: DiagnosticState.Rejected });
    }

    [Fact]
    public void Parse_TrailingData_IsRecoveredWithItsLine()
    {
        using var library = new TempLibrary().Write("a.json", "{\"name\": \"A\", \"nodes\": [],\n\"connections\": {}}\n\"rest\": 1}");
        Assert.Equal("A", library.Only<Workflow>().Name);
        var note = library.Scan().Diagnostics[0];
        Assert.Equal(("json_trailing_data", DiagnosticState.Recovered, 2), (note.Code, note.State, note.Line!.Value));
    }

    [Theory]
    [InlineData("data.json", """{"nodes": [], "edges": []}""")]
    [InlineData("package.json", "{broken")]
    [InlineData("list.json", "[1, 2]")]
    [InlineData("broken.json", "{\"nodes\": [")]
    [InlineData("plugin-for-mcp.json", """{"name": "x", "version": "1", "author": {"name": "A", "url": "https://x.test/mcp"}, "keywords": ["mcp"], "command": 1}""")]
    [InlineData("graph.json", """{"nodes": [{"id": 1, "type": "box"}], "connections": []}""")]
    [InlineData("empty.json", "{}")]
    [InlineData("null.json", "null")]
    public void Parse_OtherJson_IsNotTalkedAbout(string path, string text)
    {
        using var library = new TempLibrary().Write(path, text);
        Assert.Empty(library.Scan().Entries);
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Parse_DeepNesting_IsRejected()
    {
        using var library = new TempLibrary().Write("deep.json", $"{{\"nodes\": [],\n\"connections\": {new string('[', 5_000)}");
        Assert.Equal(("json_invalid", 2), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().Line!.Value));
        Assert.Contains("64 deep", library.OnlyDiagnostic().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WrongTypesEverywhere_IsStillAWorkflow()
    {
        using var library = new TempLibrary().Write("odd.json", """{"name": 5, "id": {}, "tags": [1, null], "active": [], "connections": {}, "nodes": [1, null, {"type": 4, "parameters": []}]}""");
        Assert.Equal(("odd", 1), (library.Only<Workflow>().Name, library.Only<Workflow>().NodeCount));
    }

    [Theory]
    [InlineData("{\"workflows\": [W, W2]}", 2)]
    [InlineData("{\"data\": [W, W2], \"nextCursor\": null}", 2)]
    [InlineData("{\"data\": {\"workflows\": [W]}}", 1)]
    [InlineData("{\"data\": W}", 1)]
    [InlineData("{\"id\": 1, \"name\": \"Outer\", \"workflow\": W}", 1)]
    [InlineData("[{\"json\": W}, {\"workflow\": W2}]", 2)]
    public void Parse_Wrappers_AreUnwrapped(string text, int count)
    {
        using var library = new TempLibrary().Write("wrapped.json", text.Replace("W2", "W", StringComparison.Ordinal).Replace("W", "{\"nodes\": [], \"connections\": {}}", StringComparison.Ordinal));
        Assert.Equal(count, library.Scan()[ResourceKind.Workflow].By("name").Count);
    }

    [Fact]
    public void Parse_OneBrokenOfMany_LeavesTheOthersSound()
    {
        const string Bad = """{"id": "b", "name": "Bad", "nodes": [{"name": "A", "type": "n8n-nodes-base.manualTrigger"}], "connections": {"A": {"main": [[{"node": "Gone"}]]}}}""";
        using var library = new TempLibrary().Write("many.json", $"[\n{{\"id\": \"a\", \"name\": \"Good\", \"nodes\": [], \"connections\": {{}}}},\n{Bad},\nnull,\n{{\"name\": \"Also\", \"nodes\": [], \"connections\": {{}}}}]");
        var snapshot = library.Scan();
        Assert.Equal([("Also", DiagnosticState.Ok), ("Bad", DiagnosticState.Degraded), ("Good", DiagnosticState.Ok)],
            snapshot[ResourceKind.Workflow].By("name").Select(entry => (entry.Resource.Name, entry.Resource.State)));
        Assert.Equal([("lint_dangling_connection", 3), ("not_a_workflow", 4), ("id_missing", 5)], snapshot.Diagnostics.Select(note => (note.Code, note.Line!.Value)));
    }

    [Fact]
    public void Parse_CommentsCommasBomAndCrlf_AreRead()
    {
        using var library = new TempLibrary().Write("a.json", "\uFEFF// exported\r\n{\"id\": \"1\", \"name\": \"A\", /* none */ \"nodes\": [\r\n{\"name\": \"In\", \"type\": \"n8n-nodes-base.manualTrigger\",},\r\n{\"name\": \"In\", \"type\": \"n8n-nodes-base.noOp\"},\r\nnull], \"connections\": {},}\r\n");
        Assert.Equal(("A", DiagnosticState.Degraded), (library.Only<Workflow>().Name, library.Only<Workflow>().State));
        Assert.Equal([("encoding", 1), ("node_incomplete", 5), ("duplicate_node_name", 4), ("lint_unreachable_node", 4)], library.Scan().Diagnostics.Select(note => (note.Code, note.Line!.Value)));
    }

    [Fact]
    public void Parse_NamesTwiceAndHalfSurrogates_AreRecoveredWithTheirLine()
    {
        using var library = new TempLibrary().Write("a.json", "{\"id\": \"1\", \"name\": \"First\",\n\"name\": \"Last \\ud83d \\ud83d\\ude00\",\n\"nodes\": [], \"connections\": {}}");
        Assert.Equal(("Last \uFFFD \U0001F600", DiagnosticState.Recovered), (library.Only<Workflow>().Name, library.Only<Workflow>().State));
        Assert.Equal([("json_invalid_unicode", 2), ("json_duplicate_key", 2)], library.Scan().Diagnostics.Select(note => (note.Code, note.Line!.Value)));
    }

    [Fact]
    public void Parse_CredentialsAndSettings_AreTypeAndNameOnly()
    {
        using var library = new TempLibrary().Write("a.json", """
            {"id": "1", "name": "A", "connections": {}, "settings": {"executionOrder": "v1", "saveManualExecutions": true, "nested": {"x": 1}}, "nodes": [
              {"name": "T", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1e999, "position": [1e999, 5]},
              {"name": "A", "type": "x.a", "credentials": {"openAiApi": {"id": "77", "name": "Team"}, "old": "By name", "none": {}}}]}
            """);
        var workflow = library.Only<Workflow>();
        Assert.Equal([new("openAiApi", "Team"), new("old", "By name"), new("none", null)], workflow.Credentials);
        Assert.Equal([("executionOrder", "v1"), ("saveManualExecutions", "True")], workflow.Settings.Select(pair => (pair.Key, pair.Value)));
    }
}
