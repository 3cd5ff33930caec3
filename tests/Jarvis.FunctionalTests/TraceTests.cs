using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class TraceTests(JarvisStack jarvis)
{
    [Fact]
    public async Task OneTrigger_FollowedByItsCorrelationId_IsOneTraceThroughAllParts()
    {
        var correlation = $"demo-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v2/workflow/trigger?wait=30")
        {
            Content = JsonContent.Create(new { workflow_id = "jarvisTestEcho01", payload = new { order = 1 } }),
        };
        request.Headers.Add("X-Correlation-ID", correlation);
        using var response = await jarvis.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Contains(jarvis.N8n.Calls("echo"), call => call.CorrelationId == correlation);

        using var trace = await Eventually.GetAsync("the whole trace is stored", TimeSpan.FromSeconds(3), async () =>
        {
            var traces = (await jarvis.GetAsync($"/api/v2/traces?correlation_id={correlation}")).GetProperty("traces");
            return traces.GetArrayLength() == 1 && Missing(traces[0]).Count == 0 ? JsonDocument.Parse(traces[0].GetRawText()) : null;
        });

        var spans = trace.RootElement.GetProperty("spans").EnumerateArray().ToArray();
        Assert.All(spans, span => Assert.Equal(correlation, span.GetProperty("correlation_id").GetString()));

        var one = await jarvis.GetAsync($"/api/v2/traces/{trace.RootElement.GetProperty("trace_id").GetString()}");
        Assert.Equal(spans.Length, one.GetProperty("spans").GetArrayLength());
    }

    [Fact]
    public async Task Telemetry_LeftAlone_DoesNotFeedOnItsOwnExport()
    {
        // Two export intervals after everything else has been exported, nothing new may come from telemetry's own work.
        var before = await jarvis.GetAsync("/api/v2/traces?service=telemetry&limit=200");
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(3));
        await tick.WaitForNextTickAsync();
        var after = await jarvis.GetAsync("/api/v2/traces?service=telemetry&limit=200");

        var known = before.GetProperty("traces").EnumerateArray().Select(trace => trace.GetProperty("trace_id").GetString()).ToHashSet(StringComparer.Ordinal);
        var added = after.GetProperty("traces").EnumerateArray().Where(trace => !known.Contains(trace.GetProperty("trace_id").GetString()))
            .Select(trace => trace.GetRawText()).ToArray();
        Assert.All(added, trace => Assert.Contains("/api/v2/", trace, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api/v2/traces?limit=0&min_duration_ms=x", "limit", "min_duration_ms")]
    [InlineData("/api/v2/traces?since=yesterday", "since", "since")]
    public async Task Query_WithWrongParameters_NamesEveryOne(string path, string first, string second)
    {
        using var response = await jarvis.Client.GetAsync(path);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(422, (int)response.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty(first, out _));
        Assert.True(problem.GetProperty("errors").TryGetProperty(second, out _));
    }

    /// <summary>Which of the parts that the request went through have no span yet.</summary>
    private static List<string> Missing(JsonElement trace)
    {
        var spans = trace.GetProperty("spans").EnumerateArray().Select(span => span.GetRawText()).ToArray();
        (string Part, Func<string, bool> Is)[] parts =
        [
            ("gateway", span => span.Contains("\"service\":\"gateway\"", StringComparison.Ordinal)),
            ("workflows", span => span.Contains("\"service\":\"workflows\"", StringComparison.Ordinal)),
            ("catalog", span => span.Contains("\"service\":\"catalog\"", StringComparison.Ordinal)),
            ("n8n", span => span.Contains("/webhook/echo", StringComparison.Ordinal)),
            ("postgres", span => span.Contains("postgresql", StringComparison.Ordinal)),
            ("redis", span => span.Contains("PUBLISH", StringComparison.Ordinal)),
        ];
        return [.. parts.Where(part => !spans.Any(part.Is)).Select(part => part.Part)];
    }
}
