using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Linting;

/// <summary>
/// Literal secrets in the parameters of nodes: what <see cref="WorkflowMask"/> hid is what is told, by node and parameter and never by its value. A sticky
/// note is masked like the rest, but is no finding: it shows how a parameter may look.
/// </summary>
public static class WorkflowSecrets
{
    private const int Most = 5;

    /// <summary>One finding for the whole workflow, or none. Of a node the first parameter is told: whoever mends it sees the others.</summary>
    public static IEnumerable<LintFinding> Of(WorkflowShape shape, WorkflowMask mask)
    {
        var nodes = mask.Parameters.DistinctBy(parameter => parameter.Node).ToList();
        if (nodes.Count == 0)
            yield break;
        var objects = shape.Nodes.ToDictionary(node => node.Place);
        var first = nodes.Select(parameter => objects.GetValueOrDefault(parameter.Node)).FirstOrDefault(node => node is not null);
        yield return new("literal_secret", DiagnosticSeverity.Warning,
            $"What looks like a literal secret stands in {string.Join(", ", nodes.Take(Most).Select(parameter => Where(parameter, objects)))}"
            + $"{(nodes.Count > Most ? $" and {nodes.Count - Most} more nodes" : "")}; it is shown as {SecretMask.Shown}.",
            "Keep it in a credential of n8n, renew it, and export the workflow again.", first?.At);
    }

    private static string Where(MaskedParameter parameter, Dictionary<int, WorkflowNode> nodes) =>
        $"'{Names.Cut(nodes.TryGetValue(parameter.Node, out var node) ? node.Name : "the workflow")}' ({Names.Cut(parameter.Parameter)})";
}
