using System.Net;
using System.Text;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class WorkflowGraphTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private static readonly Workflow Named = new() { Id = "x", Name = "X", Description = "" };

    [Fact]
    public void Of_Export_GivesNodesAndEdges()
    {
        var graph = Of("""
            {"nodes": [
              {"name": "In", "type": "n8n-nodes-base.formTrigger", "typeVersion": 2.1, "position": [10, -20]},
              {"name": "If", "type": "n8n-nodes-base.if", "disabled": true, "position": {"x": 1, "y": 2}},
              {"name": "Agent", "type": "@n8n/n8n-nodes-langchain.agent", "position": [1e999, 0]},
              {"name": "Model", "type": "@n8n/n8n-nodes-langchain.lmChatOpenAi"},
              {"name": "Note", "type": "n8n-nodes-base.stickyNote", "parameters": {"content": "Hello"}}],
             "connections": {"In": {"main": [[{"node": "If", "type": "main", "index": 0}]]}, "If": {"main": [[], [{"node": "Agent", "index": 1}]]},
               "Model": {"ai_languageModel": [[{"node": "Agent", "type": "ai_languageModel", "index": 0}]]}, "Gone": {"main": [[{"node": "In"}]]}}}
            """);
        Assert.Equal(
            [
                new("In", "n8n-nodes-base.formTrigger", "Form Trigger", "trigger", 2.1, new(10, -20), false, null), new("If", "n8n-nodes-base.if", "If", "action", 1, new(1, 2), true, null),
                new("Agent", "@n8n/n8n-nodes-langchain.agent", "Agent", "action", 1, null, false, null),
                new("Model", "@n8n/n8n-nodes-langchain.lmChatOpenAi", "Lm Chat Open Ai", "sub_node", 1, null, false, null),
                new("Note", "n8n-nodes-base.stickyNote", "Sticky Note", "note", 1, null, false, "Hello"),
            ], graph.Nodes);
        Assert.Equal([new("In", "If", "main", 0, 0), new("If", "Agent", "main", 1, 1), new("Model", "Agent", "ai_languageModel", 0, 0)], graph.Edges);
        Assert.Equal((5, 3, false), (graph.NodeCount, graph.EdgeCount, graph.Truncated));
    }

    [Fact]
    public void Of_TooManyNodes_KeepsThoseThatRunAndSaysSo()
    {
        var notes = string.Join(',', Enumerable.Range(0, 400).Select(at => $$"""{"name": "note {{at}}", "type": "n8n-nodes-base.stickyNote"}"""));
        var nodes = string.Join(',', Enumerable.Range(0, 400).Select(at => $$"""{"name": "{{at}}", "type": "x.y"}"""));
        var all = string.Join(',', Enumerable.Range(0, 3_000).Select(at => $$"""{"node": "{{at % 400}}"}"""));
        var graph = Of($$$"""{"nodes": [{{{notes}}}, {{{nodes}}}], "connections": {"0": {"main": [[{{{all}}}]]} } }""");
        Assert.Equal((500, 400, 2_000), (graph.Nodes.Count, graph.Nodes.Count(node => node.Role == "action"), graph.Edges.Count));
        Assert.Equal((800, 3_000, true), (graph.NodeCount, graph.EdgeCount, graph.Truncated));
    }

    [Fact]
    public async Task Get_Graph_IsServedWithAStrongTag()
    {
        var path = new Uri("/api/v2/workflows/hook/graph", UriKind.Relative);
        var graph = await shared.Host.DataAsync(path.OriginalString);
        Assert.Equal(("hook", "In"), (graph.GetProperty("id").GetString(), graph.GetProperty("nodes")[0].GetProperty("name").GetString()));

        using var first = await shared.Host.Client.GetAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await shared.Host.Client.SendAsync(request);
        Assert.Equal((HttpStatusCode.NotModified, false), (second.StatusCode, first.Headers.ETag!.IsWeak));
        using var none = await shared.Host.Client.GetAsync(new Uri("/api/v2/workflows/none/graph", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private static WorkflowGraph Of(string export) => WorkflowGraphs.Of(Named, Encoding.UTF8.GetBytes(export));
}
