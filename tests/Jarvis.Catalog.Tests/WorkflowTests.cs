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
        Assert.Equal(
            [
                new("orders", "POST", "headerAuth", "responseNode", "In"), new("w-1", "GET", "none", "onReceived", "Bare"),
                new("many", "GET", "none", "onReceived", "Many"), new("many", "POST", "none", "onReceived", "Many"),
            ], workflow.Webhooks);
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
        Assert.Equal(("json_trailing_data", DiagnosticState.Recovered, 2), (library.OnlyDiagnostic().Code, library.OnlyDiagnostic().State, library.OnlyDiagnostic().Line!.Value));
    }

    [Theory]
    [InlineData("data.json", """{"nodes": [], "edges": []}""")]
    [InlineData("package.json", "{broken")]
    [InlineData("list.json", "[1, 2]")]
    public void Parse_OtherJson_IsNotTalkedAbout(string path, string text)
    {
        using var library = new TempLibrary().Write(path, text);
        Assert.Empty(library.Scan().Entries);
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Parse_DeepNesting_IsRejected()
    {
        using var library = new TempLibrary().Write("deep.json", new string('[', 5_000));
        Assert.Equal("json_invalid", library.OnlyDiagnostic().Code);
    }

    [Fact]
    public void Parse_WrongTypesEverywhere_IsStillAWorkflow()
    {
        using var library = new TempLibrary().Write("odd.json", """{"name": 5, "id": {}, "tags": [1, null], "active": [], "connections": {}, "nodes": [1, null, {"type": 4, "parameters": []}]}""");
        Assert.Equal(("odd", 1), (library.Only<Workflow>().Name, library.Only<Workflow>().NodeCount));
    }
}
