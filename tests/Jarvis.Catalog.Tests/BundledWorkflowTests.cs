using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

/// <summary>What must hold of each workflow in <c>library/workflows</c>, so that a run never is said to have succeeded when something in it failed.</summary>
public sealed class BundledWorkflowTests
{
    // The default of N8n:TimeoutSeconds: an answer that comes later is lost on Jarvis.
    private const int JarvisWaitsSeconds = 30;

    public static TheoryData<string> Names => [.. BundledWorkflow.Files.Select(file => Path.GetFileNameWithoutExtension(file))];

    [Fact]
    public void Lint_OfTheLibrary_WarnsOfNoWorkflow()
    {
        using var library = new TempLibrary(options => options with { Roots = [BundledWorkflow.Library] });
        var notes = library.Scan().Diagnostics.Where(note => note.Kind == ResourceKind.Workflow).ToList();
        Assert.All(notes, note => Assert.Equal((DiagnosticSeverity.Info, "lint_credentials"), (note.Severity, note.Code)));
        Assert.Equal(BundledWorkflow.Files.Count, notes.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Webhook_OfAWorkflow_AsksForTheKey(string name)
    {
        var webhook = Assert.Single(BundledWorkflow.Read(name).Nodes, node => node.IsOf("webhook"));
        Assert.Equal(("headerAuth", "responseNode"), (webhook.Parameter("authentication"), webhook.Parameter("responseMode")));
        Assert.Equal("jarvisWebhookKey", webhook.Credential("httpHeaderAuth"));
    }

    [Fact]
    public void Request_ToJarvis_SendsTheApiKey()
    {
        var asking = BundledWorkflow.Files.Select(file => BundledWorkflow.Read(Path.GetFileNameWithoutExtension(file)))
            .Where(workflow => workflow.CallsJarvis).ToList();
        Assert.NotEmpty(asking);
        foreach (var request in asking.SelectMany(workflow => workflow.Nodes).Where(node => node.IsOf("httpRequest") && node.Name != "Notify"))
        {
            Assert.Equal(("genericCredentialType", "httpBearerAuth"), (request.Parameter("authentication"), request.Parameter("genericAuthType")));
            Assert.Equal("jarvisApiKey", request.Credential("httpBearerAuth"));
            Assert.False(request.FollowsRedirects, $"'{request.Name}' would take the key to wherever a redirect leads");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Answer_OfAWorkflow_ComesLastAndInTime(string name)
    {
        var workflow = BundledWorkflow.Read(name);
        var answers = workflow.Nodes.Where(node => node.IsOf("respondToWebhook")).ToList();
        Assert.NotEmpty(answers);
        Assert.All(answers, answer => Assert.All(workflow.After(answer.Name),
            next => Assert.True(next.IsOf("stopAndError"), $"'{next.Name}' works on after '{answer.Name}'")));
        Assert.InRange(workflow.ExecutionTimeout, 1, JarvisWaitsSeconds - 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Request_ThatFails_CannotEndInSuccess(string name)
    {
        var workflow = BundledWorkflow.Read(name);
        foreach (var request in workflow.Nodes.Where(node => node.IsOf("httpRequest") && node.GoesOnAfterAnError))
        {
            var reached = workflow.ReachedFrom(request.Name);
            Assert.Contains(reached, node => node.IsOf("stopAndError"));
            // Only a look at what failed leads to a good answer.
            foreach (var good in reached.Where(node => node.IsOf("respondToWebhook") && node.ResponseCode < 400))
                Assert.All(workflow.Before(good.Name), node => Assert.Contains("$json.failures.length === 0", node.Json.GetRawText(), StringComparison.Ordinal));
        }
        foreach (var end in workflow.Nodes.Where(node => node.IsOf("stopAndError")))
        {
            Assert.All(workflow.Before(end.Name), node => Assert.True(node.IsOf("respondToWebhook") && node.ResponseCode is 422 or 500,
                $"'{node.Name}' fails the run without an answer that says so"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Workflow_AsItIsKept_HoldsNoSecret(string name) =>
        Assert.DoesNotContain("jrv_", BundledWorkflow.Read(name).Json.GetRawText(), StringComparison.Ordinal);
}
