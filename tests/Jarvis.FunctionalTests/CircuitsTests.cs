using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>Circuits of all processes from one place; each test leaves them closed.</summary>
[Collection(StackCollection.Name)]
public sealed class CircuitsTests(JarvisStack jarvis)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task N8n_Isolated_MakesTasksWait_AndResetLetsThemThrough()
    {
        Assert.Equal("closed", await StateAsync());
        using var events = await EventSocket.OpenAsync(jarvis, new { topics = new[] { "circuit" } });
        string location;
        try
        {
            using var isolated = await jarvis.Client.PostAsJsonAsync("/api/v2/circuit-breakers/n8n/isolate", new { reason = "a test" });
            var data = (await isolated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
            Assert.Equal(HttpStatusCode.OK, isolated.StatusCode);
            Assert.True(data.GetProperty("lasting").GetBoolean());
            var circuit = Assert.Single(data.GetProperty("confirmed").EnumerateArray());
            Assert.Equal(("workflows", "isolated", "a test"), (circuit.GetProperty("service").GetString(), circuit.GetProperty("state").GetString(), circuit.GetProperty("reason").GetString()));
            Assert.Equal("isolated", await StateAsync());

            using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = "behind-a-circuit" });
            Assert.Equal(HttpStatusCode.Accepted, trigger.StatusCode);
            location = trigger.Headers.Location!.OriginalString;
            await Eventually.GetAsync("the task waits for the circuit", Soon, async () =>
                (await jarvis.GetAsync(location)).GetRawText().Contains("the circuit of n8n is open", StringComparison.Ordinal) ? "waits" : null);
            Assert.Empty(jarvis.N8n.Calls("behind-a-circuit"));
        }
        finally
        {
            using var reset = await jarvis.Client.PostAsync("/api/v2/circuit-breakers/workflows/n8n/reset", null);
            Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        }
        Assert.Equal("closed", await StateAsync());
        await ToldAsync(events, "isolated");
        await ToldAsync(events, "closed");
        Assert.Equal("succeeded", (await TriggerTests.DoneAsync(jarvis, location)).GetProperty("status").GetString());
        Assert.Single(jarvis.N8n.Calls("behind-a-circuit"));
    }

    /// <summary>Waits until a listener hears of the circuit's state; those of other circuits are passed over.</summary>
    private static async Task ToldAsync(EventSocket events, string state)
    {
        while (true)
        {
            var data = (await events.ReceiveAsync()).GetProperty("data");
            if (data.TryGetProperty("name", out var name) && name.GetString() == "n8n" && data.GetProperty("state").GetString() == state)
                return;
        }
    }

    [Fact]
    public async Task Circuit_ThatIsUnknown_IsToldWhichThereAre()
    {
        using var response = await jarvis.Client.PostAsync("/api/v2/circuit-breakers/nope/reset", null);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("workflows/n8n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<string?> StateAsync()
    {
        var all = await jarvis.GetAsync("/api/v2/circuit-breakers");
        return all.GetProperty("circuit_breakers").EnumerateArray().Single(circuit => circuit.GetProperty("name").GetString() == "n8n").GetProperty("state").GetString();
    }
}
