using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class TriggerTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Trigger_OfAWorkflow_IsAcceptedRunAndRecorded()
    {
        using var response = await PostAsync("/api/v2/workflow/trigger", new { workflow_id = "jarvisTestEcho01", payload = new { order = 42 } });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var task = await DoneAsync(response.Headers.Location!.OriginalString);
        Assert.Equal("succeeded", task.GetProperty("status").GetString());

        var call = Assert.Single(jarvis.N8n.Calls("echo"), call => call.IdempotencyKey == task.GetProperty("task_id").GetString());
        Assert.Contains("42", call.Body, StringComparison.Ordinal);

        var recent = await jarvis.GetAsync("/api/v2/tasks/recent?limit=200");
        Assert.Contains(recent.GetProperty("tasks").EnumerateArray(), item => item.GetProperty("task_id").GetString() == task.GetProperty("task_id").GetString());
    }

    [Fact]
    public async Task Trigger_ThatWaits_AnswersWithTheResult()
    {
        using var response = await PostAsync("/api/v2/workflow/trigger?wait=30", new { workflow_id = "Test Echo", payload = new { lamp = "lit" } });
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("lit", body.GetProperty("data").GetProperty("result").GetProperty("echo").GetProperty("lamp").GetString());
    }

    [Theory]
    [InlineData("jarvisTestFail01", "Error in workflow")]
    [InlineData("jarvisTestGone01", "not registered")]
    public async Task Trigger_ThatN8nRefuses_FailsAndNamesN8n(string workflow, string reason)
    {
        using var response = await PostAsync("/api/v2/workflow/trigger?wait=30", new { workflow_id = workflow });
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("INTEGRATION_ERROR", problem.GetProperty("error_code").GetString());
        Assert.Contains("n8n", problem.GetProperty("detail").GetString()!, StringComparison.OrdinalIgnoreCase);
        var task = await jarvis.GetAsync($"/api/v2/tasks/{problem.GetProperty("task_id").GetString()}");
        Assert.Equal("failed", task.GetProperty("status").GetString());
        Assert.Contains(reason, task.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trigger_WithTheSameIdempotencyKey_RunsOnce()
    {
        var key = $"key-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var first = await PostAsync("/api/v2/workflow/trigger", new { webhook_path = "once" }, key);
        using var second = await PostAsync("/api/v2/workflow/trigger", new { webhook_path = "once" }, key);
        using var other = await PostAsync("/api/v2/workflow/trigger", new { webhook_path = "twice" }, key);

        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(422, (int)other.StatusCode);
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (await other.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString());
        await DoneAsync(first.Headers.Location!.OriginalString);
        Assert.Single(jarvis.N8n.Calls("once"));
    }

    [Fact]
    public async Task Trigger_WhileItRuns_IsActive()
    {
        using var response = await PostAsync("/api/v2/workflow/trigger", new { webhook_path = "gate-active" });
        var location = response.Headers.Location!.OriginalString;
        await Eventually.GetAsync("the run is active", TimeSpan.FromSeconds(10), async () =>
        {
            var active = await jarvis.GetAsync("/api/v2/workflows/active");
            return active.GetRawText().Contains(location.Split('/')[^1], StringComparison.Ordinal) ? "active" : null;
        });
        jarvis.N8n.Open("active");
        Assert.Equal("succeeded", (await DoneAsync(location)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("{}", "workflow_id")]
    [InlineData("{\"workflow_id\": \"a\", \"webhook_path\": \"b\"}", "workflow_id")]
    [InlineData("{\"webhook_path\": \"a\", \"method\": \"BREW\"}", "method")]
    public async Task Trigger_WithAWrongField_NamesIt(string body, string field)
    {
        using var response = await jarvis.Client.PostAsync("/api/v2/workflow/trigger", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(422, (int)response.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [Fact]
    public async Task Trigger_OfAnUnknownWorkflow_IsNotFound()
    {
        using var response = await PostAsync("/api/v2/workflow/trigger", new { workflow_id = "no-such-workflow" });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Task_ThatIsUnknown_IsNotFound()
    {
        using var response = await jarvis.Client.GetAsync("/api/v2/tasks/01890000-0000-7000-8000-000000000000");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    internal static async Task<JsonElement> DoneAsync(JarvisStack jarvis, string location)
    {
        JsonElement task = default;
        // A task whose worker lost it waits for its lease (30 s) to run out.
        await Eventually.GetAsync($"{location} has ended", TimeSpan.FromSeconds(90), async () =>
        {
            task = await jarvis.GetAsync(location);
            return task.GetProperty("status").GetString() is "succeeded" or "failed" or "unknown" or "cancelled" ? "ended" : null;
        });
        return task;
    }

    private Task<JsonElement> DoneAsync(string location) => DoneAsync(jarvis, location);

    private async Task<HttpResponseMessage> PostAsync(string path, object body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await jarvis.Client.SendAsync(request);
    }
}
