using Jarvis.Workflows.Triggers;

namespace Jarvis.Workflows.Tests.Triggers;

public sealed class WebhookChoiceTests
{
    [Theory]
    [InlineData("POST a", null, "POST a")]
    [InlineData("GET a,POST b", "POST", "POST b")]
    [InlineData("get /a/", "GET", "GET a")]
    [InlineData("POST a,POST a", null, "POST a")]
    public void Of_OneThatFits_IsTaken(string webhooks, string? method, string expected)
    {
        var (webhook, failure) = WebhookChoice.Of(Workflow(webhooks), method);
        Assert.Null(failure);
        Assert.Equal(expected, $"{webhook!.Method} {webhook.Path}");
    }

    [Theory]
    [InlineData("", null, 409, "'Every hour' (scheduleTrigger)")]
    [InlineData("GET a,POST b", null, 422, "GET a, POST b")]
    [InlineData("GET a,POST b", "PUT", 422, "no PUT webhook, but GET a, POST b")]
    [InlineData("GET user/:id", null, 422, "user/:id")]
    [InlineData("POST ../rest/users", null, 409, "POST ../rest/users")]
    [InlineData("POST a//b", null, 409, "POST a//b")]
    [InlineData("POST a?b", null, 409, "POST a?b")]
    [InlineData("PURGE a", null, 409, "PURGE a")]
    public void Of_NoneThatFits_SaysWhatThereIs(string webhooks, string? method, int status, string told)
    {
        var (webhook, failure) = WebhookChoice.Of(Workflow(webhooks), method);
        Assert.Null(webhook);
        Assert.Equal(status, failure!.Status);
        Assert.Contains(told, $"{failure.Detail} {string.Join(' ', failure.Errors?.Values.SelectMany(messages => messages) ?? [])}", StringComparison.Ordinal);
    }

    private static CatalogWorkflow Workflow(string webhooks) => new("id", "Name",
        [.. webhooks.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(hook => hook.Split(' ')).Select(hook => new CatalogWebhook(hook[1], hook[0], null, null, null))],
        [new CatalogTrigger("Every hour", "scheduleTrigger")]);
}
