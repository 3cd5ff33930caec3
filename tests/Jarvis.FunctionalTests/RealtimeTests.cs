using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Events over <c>/ws</c> on the whole stack, with its Redis.</summary>
[Collection(StackCollection.Name)]
public sealed class RealtimeTests(JarvisStack jarvis)
{
    [Fact]
    public async Task TaskEvents_ComeToEveryClient_OnceAndInOrder()
    {
        const int Clients = 100, Tasks = 5;
        var correlation = NewCorrelation();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => EventSocket.OpenAsync(jarvis, new { topics = new[] { "task" }, filter = new { correlation_id = correlation } })));
        for (var i = 0; i < Tasks; i++)
            await TriggerAsync(correlation);
        var received = await Task.WhenAll(clients.Select(client => client.UntilEndedAsync(Tasks)));
        var first = received[0].Select(EventSocket.Id).ToArray();
        Assert.Equal(first.Distinct().Order(), first);
        Assert.All(received, events => Assert.Equal(first, events.Select(EventSocket.Id)));
        Assert.All(received[0], frame =>
        {
            Assert.Equal("task", frame.GetProperty("type").GetString());
            Assert.Equal(correlation, frame.GetProperty("correlation_id").GetString());
        });
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Client_ThatComesBack_GoesOnWhereItWas()
    {
        var correlation = NewCorrelation();
        var wanted = new { topics = new[] { "task" }, filter = new { correlation_id = correlation } };
        using var whole = await EventSocket.OpenAsync(jarvis, wanted);
        JsonElement seen;
        using (var before = await EventSocket.OpenAsync(jarvis, wanted))
        {
            await TriggerAsync(correlation);
            seen = await before.ReceiveAsync();
        }
        var all = await whole.UntilEndedAsync(1);
        using var after = await EventSocket.OpenAsync(jarvis, new { wanted.topics, wanted.filter, last_event_id = seen.GetProperty("id").GetString() });
        Assert.Equal(all.Select(EventSocket.Id), (await after.UntilEndedAsync(1)).Select(EventSocket.Id).Prepend(EventSocket.Id(seen)));
    }

    [Fact]
    public async Task Gateway_ThatIsStartedAnew_KnowsWhatItMissed()
    {
        var correlation = NewCorrelation();
        using var before = await EventSocket.OpenAsync(jarvis, new { topics = new[] { "task" }, filter = new { correlation_id = correlation } });
        await TriggerAsync(correlation);
        var last = (await before.UntilEndedAsync(1))[^1].GetProperty("id").GetString();
        var closed = before.ClosedAsync();
        await jarvis.StopResourceAsync("gateway");
        var file = Path.Combine(jarvis.Library, "agents", "while-away.md");
        try
        {
            Assert.Equal(1001, await closed);
            await File.WriteAllTextAsync(file, "---\nname: while-away\ndescription: Made while the gateway was away.\n---\nHello.\n");
        }
        finally
        {
            await jarvis.StartResourceAsync("gateway");
        }
        using var after = await EventSocket.OpenAsync(jarvis, new { topics = new[] { "catalog" }, last_event_id = last });
        Assert.Equal("catalog", (await after.ReceiveAsync()).GetProperty("type").GetString());
        File.Delete(file);
    }

    [Fact]
    public async Task Redis_StoppedAndStarted_BringsEventsAgain()
    {
        using var client = await EventSocket.OpenAsync(jarvis, new { topics = new[] { "task" } });
        await jarvis.StopResourceAsync("redis");
        await jarvis.StartResourceAsync("redis");
        var correlation = NewCorrelation();
        await Eventually.GetAsync("a trigger is accepted", TimeSpan.FromSeconds(15), async () =>
        {
            using var response = await PostAsync(correlation);
            return response.IsSuccessStatusCode ? "accepted" : null;
        });
        // It may be told to read again what it shows, and then goes on.
        while (true)
        {
            var frame = await client.ReceiveAsync();
            if (frame.TryGetProperty("correlation_id", out var id) && id.GetString() == correlation && EventSocket.Status(frame) == "succeeded")
                break;
        }
    }

    [Fact]
    public async Task Ticket_OpensOneSocket()
    {
        using var issued = await jarvis.Client.PostAsync("/api/v2/auth/ws-ticket", null);
        var ticket = (await issued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("ticket").GetString();
        Assert.Equal([HttpStatusCode.SwitchingProtocols, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized],
            new[] { await UpgradeAsync($"?ticket={ticket}"), await UpgradeAsync($"?ticket={ticket}"), await UpgradeAsync("") });
    }

    private static string NewCorrelation() => $"ws-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";

    private async Task TriggerAsync(string correlation)
    {
        using var response = await PostAsync(correlation);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private async Task<HttpResponseMessage> PostAsync(string correlation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/workflow/trigger") { Content = JsonContent.Create(new { workflow_id = "jarvisTestEcho01" }) };
        request.Headers.Add("X-Correlation-ID", correlation);
        return await jarvis.Client.SendAsync(request);
    }

    private async Task<HttpStatusCode> UpgradeAsync(string query)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(jarvis.Client.BaseAddress!, $"/ws{query}"));
        foreach (var (name, value) in new[] { ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==") })
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request, CancellationToken.None);
        return response.StatusCode;
    }
}
