using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Jarvis.Catalog.Tests;

/// <summary>Runs the code of the bundled workflows' Code nodes, as n8n does, on what the nodes before them have given.</summary>
public sealed class BundledWorkflowCodeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // n8n's names for what a Code node sees: $input, $('Node'), $execution.
    private const string Harness = """
        const { code, nodes, input } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const items = list => ({ all: () => list.map(json => ({ json })), first: () => ({ json: list[0] }) });
        const result = new Function('$input', '$', '$execution', code)(items(input), name => items(nodes[name]), { id: '7' });
        process.stdout.write(JSON.stringify(result[0].json));
        """;

    private const string Unauthorized = """{"statusCode": 401, "body": {"success": false, "error_code": "AUTHENTICATION_REQUIRED"}}""";
    private const string Refused = """{"error": {"message": "connect ECONNREFUSED 127.0.0.1:8000"}}""";
    private const string Health = """{"statusCode": 200, "body": {"data": {"services": {"catalog": {"status": "healthy"}}}}}""";
    private const string Tasks = """{"statusCode": 200, "body": {"success": true, "data": {"tasks": []}}}""";
    private const string Points = """{"statusCode": 200, "body": {"success": true, "data": {"points": [{"value": 3.5}]}}}""";
    private const string NoPoints = """{"statusCode": 200, "body": {"success": true, "data": {"points": []}}}""";
    private const string Sources =
        """{"statusCode": 200, "body": {"success": true, "data": {"sources": [{"name": "library", "state": "ready", "counts": {"agents": 8}}]}}}""";
    private const string Down = """{"statusCode": 503, "body": {"services": {"catalog": {"status": "unhealthy"}}}}""";
    private const string Forbidden = """{"statusCode": 403, "body": {"error_code": "FORBIDDEN"}}""";
    private const string Unavailable = """{"statusCode": 503, "body": {"error_code": "SERVICE_UNAVAILABLE"}}""";
    private const string NoPulls = """{"statusCode": 200, "body": []}""";
    private const string NoRuns = """{"statusCode": 200, "body": {"workflow_runs": []}}""";
    private static readonly string[] Questions = ["health", "tasks", "cpu", "memory", "sources"];

    public static TheoryData<string, string[], string?> Answers => new()
    {
        { "all answers", [Health, Tasks, Points, Points, Sources], null },
        { "nothing measured yet", [Health, Tasks, NoPoints, NoPoints, Sources], null },
        { "a service is down", [Down, Tasks, Points, Points, Sources], null },
        { "no key", [Health, Unauthorized, Unauthorized, Unauthorized, Unauthorized], "tasks: HTTP 401 AUTHENTICATION_REQUIRED; CPU: HTTP 401" },
        { "a key without the scope", [Health, Forbidden, Points, Points, Sources], "tasks: HTTP 403 FORBIDDEN. Does the credential" },
        { "one route fails", [Health, Tasks, Points, Unavailable, Sources], "memory: HTTP 503 SERVICE_UNAVAILABLE" },
        { "another server", [Health, """{"statusCode": 200, "body": {"hello": 1}}""", Points, Points, Sources], "tasks: the answer has another shape than expected" },
        { "nobody listens", [Refused, Refused, Refused, Refused, Refused], "health: connect ECONNREFUSED" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task DailyReport_OfJarvisAnswers_FailsWhenOneIsMissing(string what, string[] answers, string? failure)
    {
        var workflow = BundledWorkflow.Read("daily-activity-report");
        JsonArray settings = [new JsonObject { ["jarvis_url"] = "http://localhost:8000", ["hours"] = 24, ["correlation_id"] = "demo-0001" }];
        var report = await RunAsync(workflow, "Report", [], ("Settings", settings), ("Questions", Named(Questions)),
            ("Ask Jarvis", [.. answers.Select(answer => JsonNode.Parse(answer))]));
        var outcome = await RunAsync(workflow, "Outcome", [report.DeepClone()], ("Report", [report.DeepClone()]));

        Assert.Equal((what, failure is null), (what, outcome["failures"]!.AsArray().Count == 0));
        Assert.Equal("demo-0001", (string?)outcome["correlationId"]);
        if (failure is null)
            Assert.Null(outcome["message"]);
        else
            Assert.Contains(failure, (string?)outcome["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DailyReport_OfTasks_LeavesItselfOut()
    {
        const string At = "2999-01-01T00:00:00Z";
        JsonArray tasks = [.. new[] { ("running", "demo-0001"), ("running", "demo-0002"), ("succeeded", "demo-0001") }
            .Select(task => new JsonObject { ["status"] = task.Item1, ["correlation_id"] = task.Item2, ["created_at"] = At })];
        var answer = new JsonObject { ["statusCode"] = 200, ["body"] = new JsonObject { ["success"] = true, ["data"] = new JsonObject { ["tasks"] = tasks } } };
        var report = await RunAsync(BundledWorkflow.Read("daily-activity-report"), "Report", [],
            ("Settings", [new JsonObject { ["hours"] = 24, ["correlation_id"] = "demo-0001" }]),
            ("Questions", Named(Questions)),
            ("Ask Jarvis", [JsonNode.Parse(Health), answer, JsonNode.Parse(Points), JsonNode.Parse(Points), JsonNode.Parse(Sources)]));
        Assert.Equal("""{"running":1,"succeeded":1}""", report["tasks"]!["by_status"]!.ToJsonString());
    }

    [Theory]
    [InlineData(200, null)]
    [InlineData(404, "a/b: HTTP 404 Not Found")]
    [InlineData(403, "a/b: HTTP 403 Not Found")]
    public async Task Digest_OfGitHubsAnswers_FailsWhenARepositoryIsMissing(int status, string? failure)
    {
        var workflow = BundledWorkflow.Read("repository-health-digest");
        var body = new JsonObject { ["message"] = "Not Found", ["pushed_at"] = "2999-01-01T00:00:00Z", ["default_branch"] = "main", ["open_issues_count"] = 1 };
        var digest = await RunAsync(workflow, "Digest", [], ("Settings", [new JsonObject { ["stale_days"] = 14, ["correlation_id"] = "demo-0001" }]),
            ("Repositories", [new JsonObject { ["repository"] = "a/b" }]), ("Repository", [new JsonObject { ["statusCode"] = status, ["body"] = body }]),
            ("Open pull requests", [JsonNode.Parse(NoPulls)]), ("Recent builds", [JsonNode.Parse(NoRuns)]));
        var outcome = await RunAsync(workflow, "Outcome", [digest.DeepClone()], ("Digest", [digest.DeepClone()]));
        Assert.Equal(failure is null ? [] : [failure], outcome["failures"]!.AsArray().Select(text => (string?)text));
    }

    [Theory]
    [InlineData("""{"repositories": "a/b"}""", "must be a list of 1 to 15 repositories")]
    [InlineData("""{"repositories": ["a/b", "http://x", 7]}""", "has http://x, which is not \"owner/name\", has 7")]
    [InlineData("""{"repositories": ["a/b", "a/b"]}""", null)]
    public async Task Digest_OfAList_RefusesWhatIsNoRepository(string settings, string? reason)
    {
        var first = await RunAsync(BundledWorkflow.Read("repository-health-digest"), "Repositories", [JsonNode.Parse(settings)]);
        Assert.Equal(reason is null, (bool)first["valid"]!);
        if (reason is not null)
            Assert.Contains(reason, (string?)first["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("daily-activity-report", "Report")]
    [InlineData("repository-health-digest", "Digest")]
    [InlineData("incident-triage", "Triage")]
    [InlineData("release-notes", "Notes")]
    public async Task Outcome_OfANotificationThatFailed_SaysSoAndKeepsTheResult(string name, string result)
    {
        var outcome = await RunAsync(BundledWorkflow.Read(name), "Outcome", [JsonNode.Parse(Refused)],
            (result, [JsonNode.Parse("""{"text": "all well", "failures": []}""")]));
        Assert.Equal("the notification was not sent: connect ECONNREFUSED 127.0.0.1:8000", (string?)Assert.Single(outcome["failures"]!.AsArray()));
        Assert.EndsWith("the notification was not sent: connect ECONNREFUSED 127.0.0.1:8000", (string?)outcome["message"], StringComparison.Ordinal);
        Assert.Equal("all well", (string?)outcome["text"]);
    }

    [Theory]
    [InlineData("incident-triage", """{"title": "x"}""", "service must be a text")]
    [InlineData("release-notes", """{"version": "1"}""", "commits must be a list of 1 to 500 commits; version must be")]
    public async Task Check_OfABadRequest_SaysEveryReasonInOneText(string name, string body, string message)
    {
        var check = await RunAsync(BundledWorkflow.Read(name), "Check", [new JsonObject { ["body"] = JsonNode.Parse(body), ["headers"] = new JsonObject() }]);
        Assert.False((bool)check["valid"]!);
        Assert.Contains(message, (string?)check["message"], StringComparison.Ordinal);
    }

    private static JsonArray Named(IEnumerable<string> names) => [.. names.Select(name => new JsonObject { ["name"] = name })];

    private static async Task<JsonNode> RunAsync(BundledWorkflow workflow, string node, JsonArray input, params (string Name, JsonArray Items)[] before)
    {
        var nodes = new JsonObject(before.Select(given => KeyValuePair.Create(given.Name, (JsonNode?)given.Items)));
        var work = new JsonObject { ["code"] = workflow[node].Code, ["input"] = input, ["nodes"] = nodes };
        using var process = Process.Start(new ProcessStartInfo("node", ["-e", Harness])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        await process.StandardInput.WriteAsync(work.ToJsonString().AsMemory(), limit.Token);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await error);
        return JsonNode.Parse(output)!;
    }
}
