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
            var (of, number) = ($"{claim.Key.Method} {Names.Cut(claim.Key.Path)}", claim.Count());
            if (number == 1)
                continue;
            foreach (var one in claim)
            {
                var others = claim.Where(other => other.Webhook != one.Webhook || !ReferenceEquals(other.Workflow, one.Workflow)).Where(other => !SameInN8n(other.Workflow, one.Workflow))
                    .Take(MaxOthers).Select(other => other.Workflow.Name).ToList();
                if (others.Count == 0)
                    continue;
                yield return new(one.Workflow.Source, one.Workflow.Path, one.Webhook.Line, ResourceKind.Workflow, DiagnosticState.Ok, "lint_webhook_conflict",
                    $"'{Names.Cut(one.Webhook.Node)}' of the active workflow '{Names.Cut(one.Workflow.Name)}' takes {of}, as does {Names.Of(others)}.",
                    "Give one of them another path or method, or deactivate it.", DiagnosticSeverity.Error);
            }
        }
    }

    private static bool SameInN8n(Workflow one, Workflow other) => !ReferenceEquals(one, other) && one.N8nId is not null && one.N8nId == other.N8nId;
}
