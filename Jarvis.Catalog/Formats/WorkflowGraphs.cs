using System.Text.Json;
using System.Text.RegularExpressions;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Draws a workflow from its text. It is done on demand: a graph is needed of one workflow at a time, and kept for all it would double their memory.</summary>
public static partial class WorkflowGraphs
{
    public const int MaxNodes = 500;
    public const int MaxEdges = 2_000;
    private const int MaxNote = 500;
    private const double Far = 1e7;

    public static WorkflowGraph Of(Resource workflow, ReadOnlyMemory<byte> export)
    {
        using var json = JsonDocument.Parse(export, JsonText.Lenient);
        var shape = new WorkflowShape(json.RootElement);
        var subNodes = shape.Edges.Where(edge => edge.Type != "main").Select(edge => edge.From).ToHashSet();
        // When not all fit, sticky notes are the ones to go.
        var kept = Enumerable.Range(0, shape.Nodes.Count).OrderBy(at => shape.Nodes[at].IsNote).Take(MaxNodes).Order().ToList();
        var isKept = kept.ToHashSet();
        var edges = shape.Edges.Where(edge => isKept.Contains(edge.From) && isKept.Contains(edge.To)).Take(MaxEdges)
            .Select(edge => new GraphEdge(shape.Nodes[edge.From].Name, shape.Nodes[edge.To].Name, edge.Type, edge.Output, edge.Input)).ToList();
        return new(workflow.Id, workflow.Name, kept.ConvertAll(at => Node(shape.Nodes[at], subNodes.Contains(at))), edges, shape.Nodes.Count, shape.Edges.Count,
            kept.Count < shape.Nodes.Count || edges.Count < shape.Edges.Count);
    }

    private static GraphNode Node(WorkflowNode node, bool isSubNode) => new(
        node.Name, node.Type, Label(node.ShortType), node.IsNote ? "note" : node.IsTrigger ? "trigger" : isSubNode ? "sub_node" : "action", node.Version, Position(node.Json), node.Disabled,
        !node.IsNote || node.Parameters.Text("content") is not { } text ? null : text.Length <= MaxNote ? text : $"{text[..MaxNote]}…");

    private static GraphPosition? Position(JsonElement node)
    {
        var (x, y) = node.Member("position") switch
        {
            { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() >= 2 => (list[0].Finite(), list[1].Finite()),
            { ValueKind: JsonValueKind.Object } map => (map.Number("x"), map.Number("y")),
            _ => (null, null),
        };
        return x is null || y is null ? null : new(Math.Clamp(x.Value, -Far, Far), Math.Clamp(y.Value, -Far, Far));
    }

    private static string Label(string type) => type.Length == 0 ? "" : char.ToUpperInvariant(type[0]) + Capital().Replace(type[1..], "${end} ${start}");

    [GeneratedRegex("(?<end>[a-z0-9])(?<start>[A-Z])", RegexOptions.NonBacktracking)]
    private static partial Regex Capital();
}
