using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

/// <summary>What the gateway answers from memory follows the library, with Redis and without it.</summary>
[Collection(StackCollection.Name)]
public sealed class HotCacheTests(JarvisStack jarvis)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task ChangedFile_IsSeenThroughTheGateway()
    {
        using var agent = new AgentFile(jarvis, "hot-lamp");
        await agent.DescribeAsync("Lights the first lamp.");
        await FollowsAsync("hot-lamp", "Lights the first lamp.");
        var before = await HotAsync();
        for (var i = 0; i < 20; i++)
            await jarvis.GetAsync("/api/v2/agents/hot-lamp");
        var after = await HotAsync();
        Assert.True(Number(after, "hits") > Number(before, "hits"), $"{before} {after}");
        Assert.True(Number(after, "bytes") <= Number(after, "max_bytes"));
        await agent.DescribeAsync("Lights the second lamp.");
        await FollowsAsync("hot-lamp", "Lights the second lamp.");
    }

    [Fact]
    public async Task ChangedFile_WithoutRedis_IsSeenAfterTheTtl_AndAgainWithRedis()
    {
        using var agent = new AgentFile(jarvis, "cold-lamp");
        await agent.DescribeAsync("Lit before the fault.");
        await FollowsAsync("cold-lamp", "Lit before the fault.");
        await jarvis.StopResourceAsync("redis");
        try
        {
            await agent.DescribeAsync("Lit in the fault.");
            await FollowsAsync("cold-lamp", "Lit in the fault.");
        }
        finally
        {
            await jarvis.StartResourceAsync("redis");
        }
        await agent.DescribeAsync("Lit after the fault.");
        await FollowsAsync("cold-lamp", "Lit after the fault.");
        await Eventually.GetAsync("all is healthy again", Soon, async () =>
        {
            using var health = await jarvis.Client.GetAsync("/health");
            return (await health.Content.ReadAsStringAsync()).Contains("degraded", StringComparison.Ordinal) ? null : "healthy";
        });
    }

    [Fact]
    public async Task List_InEachCoding_IsOneAnswerWithTagsOfItsOwn()
    {
        var bodies = new List<string>();
        var tags = new List<string>();
        foreach (var coding in (string[])["identity", "gzip", "br"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/workflows?limit=200");
            request.Headers.AcceptEncoding.ParseAdd(coding);
            using var response = await jarvis.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await using var body = await response.Content.ReadAsStreamAsync();
            await using var plain = coding switch
            {
                "gzip" => new GZipStream(body, CompressionMode.Decompress),
                "br" => new BrotliStream(body, CompressionMode.Decompress),
                _ => body,
            };
            bodies.Add((await JsonSerializer.DeserializeAsync<JsonElement>(plain)).GetProperty("data").GetRawText());
            tags.Add(response.Headers.ETag!.ToString());
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Jarvis-", StringComparison.OrdinalIgnoreCase));
        }
        Assert.Single(bodies.Distinct(StringComparer.Ordinal));
        Assert.Equal(3, tags.Distinct(StringComparer.Ordinal).Count());
        foreach (var tag in tags)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/workflows?limit=200");
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using var response = await jarvis.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        }
    }

    [Fact]
    public async Task Clear_OfOneCacheOrAnUnknownOne_SaysWhatWasDone()
    {
        // A process that a test before has ended is known for a while, and might have any cache as long as it does not answer.
        await Eventually.GetAsync("every process that is known answers", Soon, async () =>
            (await jarvis.GetAsync("/api/v2/cache/stats")).GetProperty("unreachable").GetArrayLength() == 0 ? "answers" : null);
        await jarvis.GetAsync("/api/v2/agents");
        using var cleared = await jarvis.Client.PostAsync("/api/v2/cache/clear?cache=hot", null);
        Assert.Equal("gateway/hot", (await cleared.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("cleared").EnumerateArray().Single().GetString());
        using var unknown = await jarvis.Client.PostAsync("/api/v2/cache/clear?cache=nope", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("hot", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task<string> FollowsAsync(string id, string description) => Eventually.GetAsync($"{id}: {description}", Soon, async () =>
    {
        using var response = await jarvis.Client.GetAsync($"/api/v2/agents/{id}");
        return response.IsSuccessStatusCode
            && (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("description").GetString() == description ? description : null;
    });

    private async Task<JsonElement> HotAsync()
    {
        var stats = await jarvis.GetAsync("/api/v2/cache/stats");
        Assert.Empty(stats.GetProperty("unreachable").EnumerateArray());
        Assert.Contains(stats.GetProperty("caches").EnumerateArray(), cache => cache.GetProperty("service").GetString() == "catalog");
        return stats.GetProperty("caches").EnumerateArray().Single(cache => cache.GetProperty("name").GetString() == "hot").Clone();
    }

    private static long Number(JsonElement stats, string name) => stats.GetProperty(name).GetInt64();

    /// <summary>An agent of the test's own in the stack's library.</summary>
    private sealed class AgentFile(JarvisStack jarvis, string name) : IDisposable
    {
        private readonly string _path = Path.Combine(jarvis.Library, "agents", $"{name}.md");

        public Task DescribeAsync(string description) => File.WriteAllTextAsync(_path, $"---\nname: {name}\ndescription: {description}\n---\n\nBody.\n");

        public void Dispose() => File.Delete(_path);
    }
}
