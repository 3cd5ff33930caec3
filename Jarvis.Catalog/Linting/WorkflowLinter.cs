using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Linting;

/// <summary>What is wrong or old in one workflow. Each rule gives one finding a workflow at most (one a type for deprecated nodes), which names the nodes.</summary>
public static class WorkflowLinter
{
    public static IEnumerable<LintFinding> Lint(Workflow workflow, WorkflowShape shape, WorkflowMask mask) =>
        [.. Dangling(shape), .. OpenWebhooks(workflow, shape), .. Unused(shape), .. Deprecated(shape), .. Credentials(workflow), .. WorkflowSecrets.Of(shape, mask)];

    private static IEnumerable<LintFinding> Dangling(WorkflowShape shape)
    {
        if (shape.Dangling is not [var first, ..])
            yield break;
        var known = shape.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var missing = shape.Dangling.SelectMany(edge => (string[])[edge.From, edge.To]).Where(name => !known.Contains(name));
        yield return new("lint_dangling_connection", DiagnosticSeverity.Error, $"{shape.Dangling.Count} connection(s) lead from or to {Names.Of(missing)}, which is no node of the workflow.",
            "Connections go by node name: correct the name, or remove the connection.", first.At, DiagnosticState.Degraded);
    }

    private static IEnumerable<LintFinding> OpenWebhooks(Workflow workflow, WorkflowShape shape)
    {
        var open = workflow.Webhooks.Where(webhook => webhook.Authentication == "none").Select(webhook => webhook.Node).ToList();
        if (open.Count > 0)
        {
            yield return new("lint_webhook_open", DiagnosticSeverity.Warning, $"Anyone who knows the address can call the webhook of {Names.Of(open)}: it asks for no authentication.",
                "Set its authentication to header, basic or JWT.", shape.Nodes.First(node => node.Name == open[0]).At);
        }
    }

    private static IEnumerable<LintFinding> Unused(WorkflowShape shape)
    {
        var disabled = shape.Nodes.Where(node => node.Disabled && !node.IsNote).ToList();
        if (disabled.Count > 0)
        {
            yield return new("lint_disabled_node", DiagnosticSeverity.Info, $"Disabled, so that data passes through unchanged: {Names.Of(disabled.Select(node => node.Name))}.",
                "Enable or remove them.", disabled[0].At);
        }

        var nodes = shape.Nodes.Where(node => !node.IsNote).ToList();
        var triggers = shape.Nodes.Index().Where(node => node.Item.IsTrigger && !node.Item.Disabled).Select(node => node.Index).ToList();
        if (triggers.Count == 0)
        {
            if (nodes.Count > 0)
                yield return new("lint_no_trigger", DiagnosticSeverity.Warning, "Nothing starts the workflow: it has no enabled trigger.", "Add a trigger, such as Manual Trigger or Webhook.");
            yield break;
        }

        var reached = Reachability.From(triggers, shape);
        var unreachable = shape.Nodes.Where((node, at) => !reached[at] && !node.IsNote && !node.IsTrigger && !node.Disabled).ToList();
        if (unreachable.Count > 0)
        {
            yield return new("lint_unreachable_node", DiagnosticSeverity.Warning, $"No trigger leads to {Names.Of(unreachable.Select(node => node.Name))}: never run.",
                "Connect or remove them.", unreachable[0].At);
        }
    }

    private static IEnumerable<LintFinding> Deprecated(WorkflowShape shape)
    {
        foreach (var ofType in shape.Nodes.GroupBy(node => node.Type, StringComparer.Ordinal))
        {
            var old = ofType.Where(node => DeprecatedNodes.Find(node) is not null).ToList();
            if (old.Count > 0)
            {
                yield return new("lint_deprecated_node", DiagnosticSeverity.Warning, $"{Names.Of(old.Select(node => node.Name))}: {DeprecatedNodes.Find(old[0])!.Reason}",
                    DeprecatedNodes.Find(old[0])!.Fix, old[0].At);
            }
        }

        var outdated = shape.Nodes.Where(node => DeprecatedNodes.CurrentVersion(node) is not null).ToList();
        if (outdated.Count > 0)
        {
            var versions = outdated.Select(node => FormattableString.Invariant($"{node.ShortType} {node.Version} (now {DeprecatedNodes.CurrentVersion(node)})"));
            yield return new("lint_outdated_node", DiagnosticSeverity.Info, $"Nodes of an older major version, which n8n still runs: {Names.Of(versions)}.",
                "Add the node anew to get the current version.", outdated[0].At);
        }
    }

    private static IEnumerable<LintFinding> Credentials(Workflow workflow)
    {
        if (workflow.Credentials.Count == 0)
            yield break;
        var named = workflow.Credentials.Select(credential => credential.Name is null ? credential.Type : $"{credential.Type}: {credential.Name}");
        yield return new("lint_credentials", DiagnosticSeverity.Info, $"It refers to {workflow.Credentials.Count} credential(s), which exports do not hold: {Names.Of(named)}.",
            "Create them in n8n and choose them in the nodes after the import.");
    }
}
