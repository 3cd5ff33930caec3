using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class MetricsTests(JarvisStack jarvis)
{
    [Fact]
    public async Task TrackedPoint_IsInTheHistory()
    {
        var name = $"test.lamps.{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var response = await jarvis.Client.PostAsJsonAsync("/api/v2/metrics/track", new { metric_name = name, value = 7.5 });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());

        var history = await jarvis.GetAsync($"/api/v2/metrics/history?metric_name={name}&time_range=1h&aggregate=max");
        Assert.Contains("7.5", history.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_IsSampled() =>
        await Eventually.GetAsync("CPU, memory and disk of the host have points", TimeSpan.FromSeconds(20), async () =>
        {
            var names = (await jarvis.GetAsync("/api/v2/metrics/names")).GetRawText();
            return ((string[])["host.cpu.percent", "host.memory.used_bytes", "host.disk.used_bytes"]).All(name => names.Contains(name, StringComparison.Ordinal)) ? names : null;
        });

    [Fact]
    public async Task Track_WithWrongPoints_NamesThem()
    {
        using var response = await jarvis.Client.PostAsJsonAsync("/api/v2/metrics/track",
            new { points = new object[] { new { metric_name = "ok", value = 1 }, new { metric_name = "Not OK!", value = 1 }, new { metric_name = "no.value" } } });
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains("points[1].metric_name", problem.GetProperty("errors").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("points[2].value", problem.GetProperty("errors").GetRawText(), StringComparison.Ordinal);
    }
}
