using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Http;
using Polly.CircuitBreaker;

namespace Jarvis.Workflows.Tests.N8n;

public sealed class N8nCallerTests
{
    private const string NotRegistered = "{\"code\":404,\"message\":\"The requested webhook \\\"POST orders\\\" is not registered.\",\"hint\":\"Activate it.\"}";
    private const string Started = "{\"message\":\"Workflow was started\"}";

    [Fact]
    public async Task Call_Answered_SucceedsWithTheBodyAsItCame()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, "{\"executionId\":\"7\",\"echo\":{\"order\":42},\"echo\":1e999}"));
        using var rig = new N8nRig(n8n.Address);
        TaskOutcome outcome;
        using (CorrelationId.Use("demo-0001"))
            outcome = await rig.CallAsync();

        Assert.Equal(TaskState.Succeeded, outcome.State);
        Assert.Equal("{\"executionId\":\"7\",\"echo\":{\"order\":42},\"echo\":1e999}", outcome.Result);
        Assert.Equal("7", outcome.ExecutionId);
        var seen = Assert.Single(n8n.Requests);
        Assert.Equal(("POST", "/webhook/orders", "{\"order\":42}"), (seen.Method, seen.Target, seen.Body));
        Assert.Equal("demo-0001", seen.Headers["X-Correlation-ID"]);
        Assert.True(Guid.TryParse(seen.Headers["Idempotency-Key"], out _));
        Assert.Equal(["sending"], rig.Journal);
    }

    [Fact]
    public async Task Call_WorkflowThatAnswersAtOnce_IsNotedAsStarted()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, Started));
        using var rig = new N8nRig(n8n.Address);
        var outcome = await rig.CallAsync();
        Assert.Equal(TaskState.Succeeded, outcome.State);
        Assert.True(Answer(outcome).GetProperty("started").GetBoolean());
    }

    [Fact]
    public async Task Call_AnsweredWithAccepted_IsNotedAsStarted()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (202, "{\"executionId\":\"7\"}"));
        using var rig = new N8nRig(n8n.Address);
        Assert.True(Answer(await rig.CallAsync()).GetProperty("started").GetBoolean());
    }

    [Theory]
    [InlineData("{\"error\":{\"message\":\"401 - Unauthorized\",\"name\":\"AxiosError\"}}", "401 - Unauthorized")]
    [InlineData("{\"error\":\"the orders are locked\",\"executionId\":\"9\"}", "the orders are locked")]
    [InlineData("{\"success\":false,\"message\":\"no such order\"}", "no such order")]
    [InlineData("{\"success\":false,\"error\":\"Sign in first.\",\"error_code\":\"AUTHENTICATION_REQUIRED\"}", "Sign in first.")]
    [InlineData("[{\"id\":1},{\"error\":{\"message\":\"timed out\"},\"details\":{}}]", "1 of 2 items failed, the first with: timed out")]
    [InlineData("{\"error\":{\"code\":7}}", "reports an error")]
    public async Task Call_AnsweredWith200ThatReportsAnError_Fails(string body, string reason)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, body));
        using var rig = new N8nRig(n8n.Address);
        var outcome = await rig.CallAsync();
        Assert.Equal((TaskState.Failed, "INTEGRATION_ERROR", body), (outcome.State, outcome.ErrorCode, outcome.Result));
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"error\":null}")]
    [InlineData("{\"error\":\"\"}")]
    [InlineData("{\"error\":{}}")]
    [InlineData("{\"error\":0.02}")]
    [InlineData("{\"success\":true,\"error\":\"was mended\"}")]
    [InlineData("[{\"at\":1,\"error\":\"a line of a log\"}]")]
    [InlineData("[]")]
    [InlineData("{\"\\ud800error\":1}")]
    public async Task Call_AnsweredWith200ThatReportsNoError_Succeeds(string body)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, body));
        using var rig = new N8nRig(n8n.Address);
        Assert.Equal(TaskState.Succeeded, (await rig.CallAsync()).State);
    }

    [Theory]
    [InlineData("", "X-Jarvis-Key", null)]
    [InlineData("k-1", "X-Jarvis-Key", "k-1")]
    [InlineData("Bearer k-1", "Authorization", "Bearer k-1")]
    public async Task Call_WithAWebhookKey_CarriesItInItsHeader(string key, string header, string? sent)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, "{}"));
        using var rig = new N8nRig(n8n.Address, options => options with { WebhookKey = key, WebhookKeyHeader = header });
        await rig.CallAsync();
        Assert.Equal(sent, Assert.Single(n8n.Requests).Headers.GetValueOrDefault(header));
    }

    [Fact]
    public async Task Call_WithGet_SendsThePayloadAsQuery()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, "{}"));
        using var rig = new N8nRig(n8n.Address);
        await rig.CallAsync("GET", "a b/c", "{\"q\":\"x&y\",\"n\":1,\"o\":{\"p\":true}}");
        Assert.Equal("/webhook/a%20b/c?q=x%26y&n=1&o=%7B%22p%22%3Atrue%7D", Assert.Single(n8n.Requests).Target);
    }

    [Fact]
    public async Task Call_Refused_IsRetriedAndFailsAsNotSent()
    {
        using var rig = new N8nRig(N8nRig.Nowhere());
        var outcome = await rig.CallAsync();
        Assert.Equal((TaskState.Failed, "INTEGRATION_ERROR"), (outcome.State, outcome.ErrorCode));
        Assert.Contains("n8n cannot be reached", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(["sending", "not done", "sending", "not done", "sending", "not done"], rig.Journal);
    }

    [Fact]
    public async Task Call_NameThatDoesNotResolve_FailsAsNotSent()
    {
        using var rig = new N8nRig("http://no-such-host.invalid", n8n => n8n with { MaxRetries = 0 });
        var outcome = await rig.CallAsync();
        Assert.Equal(TaskState.Failed, outcome.State);
        Assert.Equal(["sending", "not done"], rig.Journal);
    }

    [Theory]
    [InlineData("POST", 1)]
    [InlineData("DELETE", 1)]
    [InlineData("GET", 3)]
    public async Task Call_ConnectionBrokenAfterTheRequestLeft_IsUnknownAndRepeatedOnlyWithGet(string method, int requests)
    {
        await using var n8n = await FakeN8n.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        using var rig = new N8nRig(n8n.Address);
        var outcome = await rig.CallAsync(method);
        Assert.Equal((TaskState.Unknown, "INTEGRATION_ERROR"), (outcome.State, outcome.ErrorCode));
        Assert.Equal(requests, n8n.Requests.Count);
        Assert.DoesNotContain("not done", rig.Journal);
    }

    [Fact]
    public async Task Call_TooSlow_IsUnknownAndNotSentAgain()
    {
        await using var n8n = await FakeN8n.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var rig = new N8nRig(n8n.Address, options => options with { TimeoutSeconds = 1 });
        var outcome = await rig.CallAsync();
        Assert.Equal((TaskState.Unknown, "INTEGRATION_TIMEOUT"), (outcome.State, outcome.ErrorCode));
        Assert.Single(n8n.Requests);
    }

    [Fact]
    public async Task Call_BodyThatNeverEnds_IsBoundByTheTimeLimitToo()
    {
        await using var n8n = await FakeN8n.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var rig = new N8nRig(n8n.Address, options => options with { TimeoutSeconds = 1 });
        Assert.Equal("INTEGRATION_TIMEOUT", (await rig.CallAsync()).ErrorCode);
    }

    [Fact]
    public async Task Call_TurnedAwayThenTaken_SucceedsAfterRetryAfter()
    {
        var turn = 0;
        await using var n8n = await FakeN8n.StartAsync(async context =>
        {
            var first = Interlocked.Increment(ref turn) == 1;
            context.Response.StatusCode = first ? 503 : 200;
            if (first)
                context.Response.Headers.RetryAfter = "1";
            await context.Response.WriteAsync("{}", context.RequestAborted);
        });
        using var rig = new N8nRig(n8n.Address);
        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(TaskState.Succeeded, (await rig.CallAsync()).State);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(900), "Retry-After: 1 was not waited for");
        Assert.Equal(["sending", "not done", "sending"], rig.Journal);
    }

    [Fact]
    public async Task Call_NotRegisteredAfterAnOutage_IsRetriedUntilN8nHasStarted()
    {
        await using var n8n = await FakeN8n.StartAsync(turn => turn switch { 0 => (503, "{}"), 1 => (404, NotRegistered), _ => (200, "{}") });
        using var rig = new N8nRig(n8n.Address);
        Assert.Equal(TaskState.Succeeded, (await rig.CallAsync()).State);
        Assert.Equal(["sending", "not done", "sending", "not done", "sending"], rig.Journal);
    }

    [Theory]
    [InlineData(NotRegistered, 3)]
    [InlineData("{\"code\":404,\"message\":\"This webhook is not registered for GET requests. Did you mean to make a POST request?\"}", 3)]
    [InlineData("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot POST /webhook/orders</pre>\n</body>\n</html>\n", 3)]
    [InlineData("{\"message\":\"The customer is not registered\"}", 1)]
    public async Task Call_404AfterAnOutage_IsRepeatedOnlyWhenN8nItselfSaysIt(string body, int requests)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (404, body));
        using var rig = new N8nRig(n8n.Address);
        rig.Outage.Seen();
        Assert.Equal(TaskState.Failed, (await rig.CallAsync()).State);
        Assert.Equal(requests, n8n.Requests.Count);
    }

    [Theory]
    [InlineData(1, TaskState.Succeeded)]
    [InlineData(9, TaskState.Failed)]
    public async Task Call_WhileN8nStartsUp_IsRetriedAndNeverTakenForAResult(int turns, TaskState state)
    {
        await using var n8n = await FakeN8n.StartAsync(turn => (200, turn < turns ? "n8n is starting up. Please wait" : "{}"));
        using var rig = new N8nRig(n8n.Address);
        Assert.Equal(state, (await rig.CallAsync()).State);
        Assert.Equal("not done", rig.Journal[1]);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void Backoff_OfTheDefaults_OutlastsARestart(double random)
    {
        var n8n = new N8nOptions();
        var total = Enumerable.Range(0, n8n.MaxRetries).Sum(retry => N8nPipeline.Backoff(n8n, retry, random).TotalSeconds);
        Assert.InRange(total, 12, 19);
        Assert.Equal(TimeSpan.FromSeconds(n8n.MaxDelaySeconds), N8nPipeline.Backoff(n8n, 10, random));
    }

    [Theory]
    [InlineData(404, "{\"code\":404,\"message\":\"The requested webhook is not registered.\",\"hint\":\"Activate it.\"}", TaskState.Failed, "not registered. Activate it.")]
    [InlineData(403, "Authorization data is wrong!", TaskState.Failed, "wants authentication")]
    [InlineData(403, "Authorization data is wrong!", TaskState.Failed, "N8n:WebhookKey")]
    [InlineData(500, "{\"message\":\"Error in workflow\"}", TaskState.Failed, "n8n says: Error in workflow")]
    [InlineData(422, "{\"code\":422,\"message\":\"Failed to parse request body\"}", TaskState.Failed, "Failed to parse")]
    [InlineData(302, "", TaskState.Failed, "redirect")]
    [InlineData(502, "<html>Bad gateway</html>", TaskState.Unknown, "not known")]
    public async Task Call_AnsweredWithAnError_EndsAtOnceAndSaysWhy(int status, string body, TaskState state, string reason)
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (status, body));
        using var rig = new N8nRig(n8n.Address);
        var outcome = await rig.CallAsync();
        Assert.Equal((state, "INTEGRATION_ERROR"), (outcome.State, outcome.ErrorCode));
        Assert.Contains(reason, outcome.Error, StringComparison.Ordinal);
        Assert.Single(n8n.Requests);
    }

    [Theory]
    [InlineData("text/html", "<!doctype html><p>Welcome", "html")]
    [InlineData("text/html", "exec:3", "text")]
    [InlineData("application/json", "{\"half\":", "text")]
    [InlineData("application/json", "", "empty")]
    [InlineData("text/plain", "\"\\ud800\"", "json")]
    public async Task Call_AnsweredWithSomethingElse_IsKeptAndMarked(string type, string body, string format)
    {
        await using var n8n = await FakeN8n.StartAsync(async context =>
        {
            context.Response.ContentType = type;
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        using var rig = new N8nRig(n8n.Address);
        var outcome = await rig.CallAsync();
        Assert.Equal(TaskState.Succeeded, outcome.State);
        Assert.Equal(format, Answer(outcome).GetProperty("format").GetString());
    }

    [Fact]
    public async Task Call_AnsweredAtLength_IsCutOff()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (200, $"[\"{new string('x', 5_000)}\"]"));
        using var rig = new N8nRig(n8n.Address, options => options with { MaxResultBytes = 1_024 });
        var outcome = await rig.CallAsync();
        Assert.True(outcome.ResultTruncated);
        Assert.Equal(1_024, JsonDocument.Parse(outcome.Result!).RootElement.GetString()!.Length);
    }

    [Fact]
    public async Task Call_WhileTheCircuitIsOpen_SendsNothing()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (503, "{}"));
        using var rig = new N8nRig(n8n.Address, options => options with { MaxRetries = 0, MinimumThroughput = 2 });
        await rig.CallAsync();
        await rig.CallAsync();
        Assert.Equal(CircuitState.Open, rig.Pipeline.Circuit);
        var open = await Assert.ThrowsAsync<BrokenCircuitException>(() => rig.CallAsync());
        Assert.Equal(2, n8n.Requests.Count);
        Assert.InRange(rig.Pipeline.WaitFor(open), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Call_OfFailingWorkflows_LeavesTheCircuitClosed()
    {
        await using var n8n = await FakeN8n.StartAsync(_ => (500, "{\"message\":\"Error in workflow\"}"));
        using var rig = new N8nRig(n8n.Address, options => options with { MinimumThroughput = 2 });
        for (var i = 0; i < 5; i++)
            await rig.CallAsync();
        Assert.Equal(CircuitState.Closed, rig.Pipeline.Circuit);
    }

    [Fact]
    public void Of_LongMessage_IsCutBetweenCharacters()
    {
        var reply = new N8nReply(Delivery.Answered) { Status = 500, ContentType = "text/plain", Body = $"{new string('a', 499)}\U0001F600 and more" };
        var outcome = N8nVerdict.Of(new(Guid.Empty, new("POST", "orders"), "{}"), reply);
        Assert.EndsWith("aa…", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(outcome.Error!, char.IsSurrogate);
    }

    [Fact]
    public async Task Call_Cancelled_StopsWaiting()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var n8n = await FakeN8n.StartAsync(async context =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var rig = new N8nRig(n8n.Address);
        using var cancel = new CancellationTokenSource();
        var call = rig.CallAsync(cancellationToken: cancel.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static JsonElement Answer(TaskOutcome outcome) => JsonDocument.Parse(outcome.Answer!).RootElement;
}
