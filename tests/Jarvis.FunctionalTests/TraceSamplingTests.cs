using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class TraceSamplingTests(JarvisStack jarvis)
{
    [Fact]
    public async Task Stack_LeftAlone_LeavesNoTracesOfPollersAndChecks()
    {
        // Long enough for the slowest of them (samples of the host, every 5 s) and for an export; most had the time of all tests before this one.
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(7));
        await tick.WaitForNextTickAsync();

        var traces = await AllAsync();
        Assert.NotEmpty(traces);
        foreach (var trace in traces.Where(trace => trace.GetProperty("span_count").GetInt64() == 1))
        {
            // That of the list itself was on its way while it was read, and began as its first call to Postgres.
            var id = trace.GetProperty("trace_id").GetString();
            await Eventually.GetAsync($"trace {id} ({trace.GetProperty("root_name").GetString()}) begins with a request, a task or the like", TimeSpan.FromSeconds(10), async () =>
                (await jarvis.GetAsync($"/api/v2/traces/{id}")).GetProperty("spans").EnumerateArray()
                    .Any(span => Parent(span) is null && span.GetProperty("kind").GetString() is "server" or "consumer" or "internal") ? "so" : null);
        }
    }

    [Fact]
    public async Task Spans_OfAllServices_HaveTheCorrelationIdOfTheirTrace()
    {
        foreach (var path in (string[])["/api/v2/agents", "/api/v2/tasks/recent", "/api/v2/metrics/names", "/api/v2/auth/sessions"])
            await jarvis.GetAsync(path);
        var newest = (await jarvis.GetAsync("/api/v2/traces?limit=60")).GetProperty("traces").EnumerateArray();
        foreach (var id in newest.Select(trace => trace.GetProperty("trace_id").GetString()))
        {
            var spans = (await jarvis.GetAsync($"/api/v2/traces/{id}")).GetProperty("spans");
            Assert.All(spans.EnumerateArray(), span => Assert.True(span.GetProperty("correlation_id").GetString() is not null, $"{span}"));
        }
    }

    [Fact]
    public async Task Requests_AtAnyRate_AreTracedInAllServicesOrInNone()
    {
        var since = Uri.EscapeDataString(TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O"));
        var asked = $"demo-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/agents?q=burst-{i}");
            if (i == 500)
                request.Headers.Add("X-Correlation-ID", asked);
            using var response = await jarvis.Client.SendAsync(request, cancellationToken);
            Assert.True(response.IsSuccessStatusCode);
        });

        var wanted = await Eventually.GetAsync("the trace that was asked for is stored", TimeSpan.FromSeconds(10), async () =>
            (await jarvis.GetAsync($"/api/v2/traces?correlation_id={asked}")).GetProperty("traces") is var found && found.GetArrayLength() == 1
            && found[0].GetProperty("services").GetArrayLength() == 2 ? found[0].GetRawText() : null);
        Assert.Contains("\"catalog\"", wanted, StringComparison.Ordinal);

        // What a process has exported is complete by its next export, a second later.
        var traces = (await jarvis.GetAsync($"/api/v2/traces?limit=200&since={since}&name=GET%20%2Fapi%2Fv2%2Fagents%2F%7B**rest%7D")).GetProperty("traces").EnumerateArray();
        foreach (var id in traces.Select(trace => trace.GetProperty("trace_id").GetString()).Take(60))
        {
            await Eventually.GetAsync($"trace {id} is whole", TimeSpan.FromSeconds(10), async () =>
            {
                var spans = (await jarvis.GetAsync($"/api/v2/traces/{id}")).GetProperty("spans").EnumerateArray().ToArray();
                return IsWhole(spans) ? "whole" : null;
            });
        }
    }

    /// <summary>Every parent is here, and every call to a service is here from both ends.</summary>
    private static bool IsWhole(JsonElement[] spans)
    {
        var ids = spans.Select(span => span.GetProperty("span_id").GetString()).ToHashSet(StringComparer.Ordinal);
        var parents = spans.Select(Parent).ToHashSet(StringComparer.Ordinal);
        return spans.All(span => Parent(span) is not { } parent || ids.Contains(parent))
            && spans.Where(span => span.GetProperty("kind").GetString() == "client" && span.GetProperty("service").GetString() == "gateway"
                && span.GetProperty("name").GetString() == "GET").All(call => parents.Contains(call.GetProperty("span_id").GetString()));
    }

    private static string? Parent(JsonElement span) => span.TryGetProperty("parent_span_id", out var parent) ? parent.GetString() : null;

    private async Task<List<JsonElement>> AllAsync()
    {
        var (traces, cursor) = (new List<JsonElement>(), "");
        do
        {
            var page = await jarvis.GetAsync($"/api/v2/traces?limit=200{cursor}");
            traces.AddRange(page.GetProperty("traces").EnumerateArray());
            cursor = page.GetProperty("pagination").TryGetProperty("next_cursor", out var next) && next.GetString() is { } more ? $"&cursor={Uri.EscapeDataString(more)}" : "";
        }
        while (cursor.Length > 0);
        return traces;
    }
}
