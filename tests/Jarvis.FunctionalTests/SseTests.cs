using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>A task's events as a stream, through the gateway.</summary>
[Collection(StackCollection.Name)]
public sealed class SseTests(JarvisStack jarvis)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Stream_FollowsTheTaskToItsEnd_AndGoesOnAfterAnEvent()
    {
        var gate = $"sse-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = $"gate-{gate}" });
        var path = $"{trigger.Headers.Location!.OriginalString}/events";
        using var response = await jarvis.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var events = new List<SseEvent>();
        // n8n has not answered yet: what comes now was not held back.
        while (events.Count == 0 || events[^1].Name != "sending")
            events.Add((await NextAsync(lines))!);
        jarvis.N8n.Open(gate);
        while (await NextAsync(lines) is { } next)
            events.Add(next);
        Assert.Equal(["queued", "claimed", "sending", "succeeded", "end"], events.Select(item => item.Name));
        Assert.Equal("succeeded", events[^1].Data.GetProperty("status").GetString());

        using var rest = await OpenAsync(path, events[1].Id);
        using var restLines = new StreamReader(await rest.Content.ReadAsStreamAsync());
        Assert.Equal(events[2].Id, (await NextAsync(restLines))!.Id);
        using var nothing = await OpenAsync(path, events[^1].Id);
        Assert.Equal(HttpStatusCode.NoContent, nothing.StatusCode);
    }

    [Fact]
    public async Task Stream_OfAnUnknownTask_IsNotFound()
    {
        using var response = await jarvis.Client.GetAsync("/api/v2/tasks/01890000-0000-7000-8000-000000000000/events");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("RESOURCE_NOT_FOUND", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error_code").GetString());
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, string last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        return await jarvis.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<SseEvent?> NextAsync(StreamReader lines)
    {
        using var limit = new CancellationTokenSource(Limit);
        var (id, name, data) = ("", (string?)null, default(JsonElement));
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = JsonSerializer.Deserialize<JsonElement>(line.AsSpan(6));
            else if (line.Length == 0 && id.Length > 0)
                return new(id, name ?? data.GetProperty("event").GetString()!, data);
        }
        return null;
    }

    private sealed record SseEvent(string Id, string Name, JsonElement Data);
}
