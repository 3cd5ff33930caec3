using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>What is meant and not said is refused on the way through the gateway too, and what a workflow says comes back with the problem.</summary>
[Collection(StackCollection.Name)]
public sealed class StrictNamesTests(JarvisStack jarvis)
{
    [Theory]
    [InlineData("/api/v2/agents?limit=3&limt=1", "limt")]
    [InlineData("/api/v2/agents?limit=3&Offset=1", "Offset")]
    [InlineData("/agents?limit=3&source=library", "source")]
    [InlineData("/api/v1/agents?per_page=3", "per_page")]
    [InlineData("/api/v2/traces?corelation_id=demo-0001", "corelation_id")]
    [InlineData("/api/v2/tasks/recent?page=2", "page")]
    [InlineData("/api/v2/services?limit=2", "limit")]
    public async Task Parameter_ThatLooksLikeAKnownOne_IsRefusedEachTime(string path, string name)
    {
        // What is kept of other questions, or of this one with a name that means nothing, answers none of them.
        (await jarvis.Client.GetAsync(path[..path.IndexOf('?', StringComparison.Ordinal)])).EnsureSuccessStatusCode();
        (await jarvis.Client.GetAsync($"{path[..path.IndexOf('?', StringComparison.Ordinal)]}?_=1&utm_source=mail")).EnsureSuccessStatusCode();
        for (var turn = 0; turn < 2; turn++)
        {
            using var response = await jarvis.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal([name], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        }
    }

    [Fact]
    public async Task ApiKey_WithAnEndThatIsNotUnderstood_IsNotMade()
    {
        var name = $"ends-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var response = await jarvis.Client.PostAsJsonAsync("/api/v2/auth/api-keys", new { name, expires_at = "2027-01-01T00:00:00Z" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("did you mean 'expires_in_days'?", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(name, (await jarvis.GetAsync("/api/v2/auth/api-keys")).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v2/tasks/dead", "ROUTE_NOT_FOUND")]
    [InlineData("/api/v2/tasks/history?domain=x", "ROUTE_NOT_FOUND")]
    [InlineData("/api/v2/tasks/dead/events", "ROUTE_NOT_FOUND")]
    [InlineData("/api/v2/tasks/deadline", "RESOURCE_NOT_FOUND")]
    public async Task Word_OfTheContract_IsNoId(string path, string code)
    {
        using var response = await jarvis.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(code, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task Trigger_ThatTheWorkflowRefuses_TellsItsReasonsAndNoSecret()
    {
        using var response = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger?wait=30", new { webhook_path = "picky" });
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.EndsWith("n8n says: quantity: must be positive", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var n8n = problem.GetProperty("n8n");
        Assert.Equal(422, n8n.GetProperty("http_status").GetInt32());
        Assert.Equal("must be positive", n8n.GetProperty("body").GetProperty("errors").GetProperty("quantity")[0].GetString());
        Assert.DoesNotContain("key-of-the-workflow", problem.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("failed", (await jarvis.GetAsync($"/api/v2/tasks/{problem.GetProperty("task_id").GetString()}")).GetProperty("status").GetString());
    }
}
