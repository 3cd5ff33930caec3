using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Linting;

/// <summary>
/// Two active workflows on one path and method: n8n refuses to activate the second. Looks across all files of a snapshot; two copies of one workflow, which
/// n8n's id tells, are no conflict.
/// </summary>
public static class WebhookConflicts
{
    private const int MaxOthers = 20;

    public static IEnumerable<Diagnostic> Of(IEnumerable<Resource> resources)
    {
        var claims = resources.OfType<Workflow>().Where(workflow => workflow.Active)
            .SelectMany(workflow => workflow.Webhooks, (workflow, webhook) => (Workflow: workflow, Webhook: webhook))
            // A path that an expression makes is not known before it runs.
            .Where(claim => claim.Webhook.Path is not ("" or ['=', ..]))
            .GroupBy(claim => (claim.Webhook.Method, claim.Webhook.Path));
        foreach (var claim in claims)
        {
            if (claim.Count() == 1)
                continue;
            var of = $"{claim.Key.Method} {Names.Cut(claim.Key.Path)}";
            var byWorkflow = claim.GroupBy(one => one.Workflow, one => one.Webhook, ReferenceEqualityComparer.Instance).Select(group => ((Workflow)group.Key!, group.Distinct().ToList())).ToList();
            // Enough for everybody to find others among them, however many there are: a look at all for each would cost the square of their number.
            var some = byWorkflow.DistinctBy(one => one.Item1.N8nId ?? (object)one.Item1).Take(MaxOthers + 1).Select(one => one.Item1).ToList();
            foreach (var (workflow, webhooks) in byWorkflow)
            {
                List<string> others = [.. webhooks.Count > 1 ? [workflow.Name] : Array.Empty<string>(), .. some.Where(other => !IsSame(other, workflow)).Take(MaxOthers).Select(other => other.Name)];
                if (others.Count == 0)
                    continue;
                foreach (var webhook in webhooks)
                {
                    yield return new(workflow.Source, workflow.Path, webhook.Line, ResourceKind.Workflow, DiagnosticState.Ok, "lint_webhook_conflict",
                        $"'{Names.Cut(webhook.Node)}' of the active workflow '{Names.Cut(workflow.Name)}' takes {of}, as does {Names.Of(others)}.",
                        "Give one of them another path or method, or deactivate it.", DiagnosticSeverity.Error);
                }
            }
        }
    }

    private static bool IsSame(Workflow one, Workflow other) => ReferenceEquals(one, other) || (one.N8nId is not null && one.N8nId == other.N8nId);
}
