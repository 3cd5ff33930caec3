using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Linting;

/// <summary>
/// Which nodes run. Along <c>main</c> connections a node runs when one before it does. The others go the other way round: a language model or a tool
/// is connected to the agent that uses it, so it runs when the agent does.
/// </summary>
public static class Reachability
{
    /// <summary>By place, whether the node is reached from one of <paramref name="starts"/>.</summary>
    public static bool[] From(IReadOnlyList<int> starts, WorkflowShape shape)
    {
        var next = shape.Edges.ToLookup(edge => edge.Type == "main" ? edge.From : edge.To, edge => edge.Type == "main" ? edge.To : edge.From);
        var reached = new bool[shape.Nodes.Count];
        var open = new Stack<int>(starts);
        while (open.TryPop(out var node))
        {
            if (reached[node])
                continue;
            reached[node] = true;
            foreach (var neighbour in next[node])
                open.Push(neighbour);
        }

        return reached;
    }
}
