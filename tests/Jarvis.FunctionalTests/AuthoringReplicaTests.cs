using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Agents made here with three replicas of the catalog behind the gateway, which asks them by turns.</summary>
[Collection(ReplicatedCollection.Name)]
public sealed class AuthoringReplicaTests(ReplicatedStack stack)
{
    [Fact]
    public async Task Change_OnOneReplica_IsServedByEveryOneAndNeverOverwrittenUnseen()
    {
        if (OperatingSystem.IsWindows())
            return; // signals
        using var client = stack.CreateClient();

        using var made = await client.PostAsJsonAsync("/api/v2/agents", new { name = "twin-keeper", description = "v1", system_prompt = "Keep." });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        await EverywhereAsync("v1");

        // The tag of whichever replica answered is good at whichever is asked next, at once.
        var tag = made.Headers.ETag!;
        for (var version = 2; version <= 12; version++)
        {
            using var replaced = await ReplaceAsync($"v{version}", tag);
            Assert.True(replaced.IsSuccessStatusCode, await replaced.Content.ReadAsStringAsync());
            tag = replaced.Headers.ETag!;
        }

        await EverywhereAsync("v12");
        var writers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ReplaceAsync($"w{i}", tag)));
        Assert.Equal([HttpStatusCode.OK, .. Enumerable.Repeat(HttpStatusCode.PreconditionFailed, 7)], writers.Select(response => response.StatusCode).Order());

        async Task<HttpResponseMessage> ReplaceAsync(string description, EntityTagHeaderValue seen)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v2/agents/twin-keeper") { Content = JsonContent.Create(new { description, system_prompt = "Keep." }) };
            request.Headers.IfMatch.Add(seen);
            return await client.SendAsync(request);
        }

        Task EverywhereAsync(string description) => Eventually.GetAsync($"every replica serves {description}", TimeSpan.FromSeconds(10), async () =>
        {
            for (var i = 0; i < 12; i++)
            {
                using var read = await client.GetAsync($"/api/v2/agents/twin-keeper?turn={i}");
                if (!read.IsSuccessStatusCode || (await read.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("description").GetString() != description)
                    return null;
            }

            return "yes";
        });
    }
}
