using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Triggers;

/// <summary>Which of a workflow's webhooks a request means.</summary>
public static class WebhookChoice
{
    /// <summary>The one webhook, narrowed by <paramref name="method"/> when that is given.</summary>
    /// <returns>The webhook, or why there is none to call.</returns>
    public static (TaskWebhook? Webhook, Failure? Failure) Of(CatalogWorkflow workflow, string? method)
    {
        var webhooks = (workflow.Webhooks ?? []).Select(hook => new TaskWebhook(hook.Method.ToUpperInvariant(), hook.Path.Trim('/'))).Distinct().ToArray();
        if (webhooks.Length == 0)
            return (null, Failure.Conflict($"The workflow '{workflow.Name}' has no webhook, so it cannot be called; {Triggers(workflow)}."));

        var matching = method is null ? webhooks : [.. webhooks.Where(hook => hook.Method == method)];
        return matching switch
        {
            [var one] when one.Path.Contains(':', StringComparison.Ordinal) =>
                (null, Failure.Invalid("workflow_id", $"the webhook's path has parameters: give webhook_path with values for '{one.Path}'")),
            // The library's files are not ours: a path of "../rest" would reach n8n's own API.
            [var one] when !TriggerRequest.IsPlainPath(one.Path) || !TriggerRequest.Methods.Contains(one.Method, StringComparer.Ordinal) =>
                (null, Failure.Conflict($"The workflow '{workflow.Name}' has a webhook that cannot be called: {List([one])} is not one of {string.Join(", ", TriggerRequest.Methods)} and a plain path.")),
            [var one] => (one, null),
            [] => (null, Failure.Invalid("method", $"the workflow '{workflow.Name}' has no {method} webhook, but {List(webhooks)}")),
            _ => (null, Failure.Invalid("workflow_id", $"the workflow '{workflow.Name}' has several webhooks: name one by method or by webhook_path (without workflow_id): {List(matching)}")),
        };
    }

    private static string List(IEnumerable<TaskWebhook> webhooks) => string.Join(", ", webhooks.Select(hook => $"{hook.Method} {hook.Path}"));

    private static string Triggers(CatalogWorkflow workflow)
    {
        var names = (workflow.Triggers ?? []).Select(trigger => $"'{trigger.Node}' ({trigger.Type})").ToArray();
        return names.Length == 0 ? "no trigger is known of it" : $"it is started by {string.Join(", ", names)}";
    }
}
