using System.Net.Http.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>What an ordinary stop leaves of what was running.</summary>
[Collection(StackCollection.Name)]
public sealed class StopTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Worker_ToldToStop_WritesDownHowFarItsTasksCame_BeforeItIsKilled()
    {
        // More than have connections at hand.
        var gates = Enumerable.Range(0, 6).Select(n => $"stop-{n}-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}").ToArray();
        var locations = new List<string>();
        foreach (var gate in gates)
        {
            using var trigger = await jarvis.Client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = $"gate-{gate}" });
            locations.Add(trigger.Headers.Location!.OriginalString);
        }
        foreach (var gate in gates)
            await Eventually.GetAsync($"{gate} is called", TimeSpan.FromSeconds(30), () => Task.FromResult(jarvis.N8n.Calls($"gate-{gate}").Count > 0 ? "called" : null));

        await jarvis.StopResourceAsync("workflows");
        await jarvis.StartResourceAsync("workflows");
        foreach (var location in locations)
        {
            var task = await TriggerTests.DoneAsync(jarvis, location);
            Assert.Equal("unknown", task.GetProperty("status").GetString());
            Assert.StartsWith("Jarvis was stopped", task.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
        foreach (var gate in gates)
            jarvis.N8n.Open(gate);
    }
}
