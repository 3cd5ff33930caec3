using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Who sees what of a run, through the gateway.</summary>
[Collection(StackCollection.Name)]
public sealed class TaskVisibilityTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Result_OfAnothersRun_IsHiddenFromAViewerEverywhere()
    {
        var secret = $"secret-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger?wait=30", new { webhook_path = "echo", payload = new { secret } });
        var id = (await DataAsync(trigger)).GetProperty("task_id").GetString()!;
        var me = (await jarvis.GetAsync("/api/v2/auth/me")).GetProperty("user").GetProperty("id").GetString();
        var seen = await jarvis.GetAsync($"/api/v2/tasks/{id}");
        Assert.Contains(secret, seen.GetRawText(), StringComparison.Ordinal);
        Assert.False(seen.GetProperty("result_hidden").GetBoolean());
        Assert.Equal(("user", me), (seen.GetProperty("started_by").GetProperty("kind").GetString(), seen.GetProperty("started_by").GetProperty("account_id").GetString()));

        using var viewer = await ViewerAsync();
        using (var read = await viewer.GetAsync($"/api/v2/tasks/{id}"))
        {
            var task = await DataAsync(read);
            Assert.DoesNotContain(secret, task.GetRawText(), StringComparison.Ordinal);
            Assert.True(task.GetProperty("result_hidden").GetBoolean());
            Assert.Equal(JsonValueKind.Null, task.GetProperty("result").ValueKind);
            Assert.Equal("succeeded", task.GetProperty("status").GetString());
        }
        foreach (var path in (string[])["/api/v2/tasks/recent?limit=200", $"/tasks/recent?limit=200", $"/api/v2/tasks/{id}/events"])
        {
            var text = await viewer.GetStringAsync(path);
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain("\"result_hidden\":false", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Reason_OfAnothersFailure_IsHiddenFromAViewer()
    {
        using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger?wait=30", new { webhook_path = "picky" });
        Assert.Equal(HttpStatusCode.BadGateway, trigger.StatusCode);
        var id = (await trigger.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("task_id").GetString();
        Assert.Contains("must be positive", (await jarvis.GetAsync($"/api/v2/tasks/{id}")).GetRawText(), StringComparison.Ordinal);
        using var viewer = await ViewerAsync();
        foreach (var path in (string[])[$"/api/v2/tasks/{id}", $"/api/v2/tasks/{id}/events", "/api/v2/tasks/recent?status=failed"])
        {
            var text = await viewer.GetStringAsync(path);
            Assert.Contains("failed", text, StringComparison.Ordinal);
            Assert.DoesNotContain("must be positive", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Run_OfAnApiKey_SaysSo()
    {
        using var made = await jarvis.Client.PostAsJsonAsync("/api/v2/auth/api-keys", new { name = "of a test", scopes = (string[])["run"] });
        using var program = jarvis.CreateAnonymousClient();
        program.DefaultRequestHeaders.Authorization = new("Bearer", (await DataAsync(made)).GetProperty("key").GetString());
        using var trigger = await program.PostAsJsonAsync("/api/v2/workflow/trigger?wait=30", new { webhook_path = "echo" });
        Assert.Equal("api_key", (await DataAsync(trigger)).GetProperty("started_by").GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Stream_OfAViewerWhoSignsOut_Ends()
    {
        var gate = $"signout-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = $"gate-{gate}" });
        using var viewer = await ViewerAsync();
        using var response = await viewer.GetAsync($"{trigger.Headers.Location!.OriginalString}/events", HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(": open", await lines.ReadLineAsync());
        using (var signOut = await viewer.PostAsJsonAsync("/api/v2/auth/logout", new { }))
            Assert.True(signOut.IsSuccessStatusCode, await signOut.Content.ReadAsStringAsync());
        // The task has not ended: nothing else would end the stream for an hour.
        var rest = await lines.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("event: end", rest, StringComparison.Ordinal);
        jarvis.N8n.Open(gate);
    }

    private async Task<HttpClient> ViewerAsync()
    {
        var email = $"viewer-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}@example.com";
        using var invited = await jarvis.Client.PostAsJsonAsync("/api/v2/auth/invitations", new { role = "viewer" });
        var invitation = (await DataAsync(invited)).GetProperty("token").GetString();
        var client = jarvis.CreateAnonymousClient();
        using (var registered = await client.PostAsJsonAsync("/api/v2/auth/register", new { email, password = SignInExtensions.Password, invitation }))
            Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync());
        await client.SignInAsync(email);
        return client;
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, body.GetRawText());
        return body.GetProperty("data");
    }
}
