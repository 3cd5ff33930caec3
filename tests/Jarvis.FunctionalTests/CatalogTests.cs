using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.FunctionalTests.Stack;

namespace Jarvis.FunctionalTests;

[Collection(StackCollection.Name)]
public sealed class CatalogTests(JarvisStack jarvis)
{
    [Theory]
    [InlineData("agents", "agents", "tide-watcher")]
    [InlineData("commands", "commands", "tidy-branches")]
    [InlineData("skills", "skills", "release-notes")]
    [InlineData("mcp-servers", "mcp_servers", "harbour")]
    [InlineData("workflows", "workflows", "Test Echo")]
    public async Task Kind_InTheLibrary_IsListedReadAndServedRaw(string route, string plural, string name)
    {
        var list = await jarvis.GetAsync($"/api/v2/{route}?limit=200");
        var item = list.GetProperty(plural).EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);
        var id = item.GetProperty("id").GetString();
        Assert.True(list.GetProperty("pagination").GetProperty("total").GetInt32() >= 1);

        var one = await jarvis.GetAsync($"/api/v2/{route}/{id}");
        Assert.Equal(name, one.GetProperty("name").GetString());

        var content = await jarvis.GetAsync($"/api/v2/{route}/{id}/content");
        Assert.NotEqual("", content.GetProperty("content").GetString());
    }

    [Fact]
    public async Task List_Pages_DoNotOverlapAndReachTheEnd()
    {
        var seen = new List<string>();
        for (var offset = 0; ; offset += 2)
        {
            var page = await jarvis.GetAsync($"/api/v2/workflows?limit=2&offset={offset}&sort=name");
            seen.AddRange(page.GetProperty("workflows").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            if (!page.GetProperty("pagination").GetProperty("has_more").GetBoolean())
                break;
        }
        var all = await jarvis.GetAsync("/api/v2/workflows?limit=200");
        Assert.Equal(all.GetProperty("pagination").GetProperty("total").GetInt32(), seen.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Unknown_Resource_IsNotFoundByName()
    {
        using var response = await jarvis.Client.GetAsync("/api/v2/agents/nobody");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("RESOURCE_NOT_FOUND", problem.GetProperty("error_code").GetString());
        Assert.Contains("nobody", problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_ByAWordOfTheDescription_FindsTheAgent()
    {
        var found = await jarvis.GetAsync("/api/v2/search?q=harbour%20flood");
        Assert.Contains(found.GetProperty("results").EnumerateArray(), hit => hit.GetProperty("name").GetString() == "tide-watcher");
    }

    [Fact]
    public async Task McpServer_WithALiteralSecret_NeverShowsIt()
    {
        foreach (var path in (string[])["/api/v2/mcp-servers", "/api/v2/mcp-servers/harbour", "/api/v2/mcp-servers/harbour/content", "/api/v2/search?q=harbour"])
        {
            var text = await jarvis.Client.GetStringAsync(path);
            Assert.DoesNotContain("s3cr3t", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BrokenFile_InALibrary_IsReportedAndCostsNoOther()
    {
        var diagnostics = await jarvis.GetAsync("/api/v2/catalog/diagnostics?limit=200");
        var broken = diagnostics.GetProperty("diagnostics").EnumerateArray()
            .Single(item => item.GetProperty("path").GetString()!.EndsWith("truncated.json", StringComparison.Ordinal));
        Assert.Equal("rejected", broken.GetProperty("state").GetString());
        Assert.NotEqual("", broken.GetProperty("fix").GetString());

        var recovered = await jarvis.GetAsync("/api/v2/agents/broken-yaml");
        Assert.Equal("Use when: the colon is not quoted", recovered.GetProperty("description").GetString());
    }

    [Fact]
    public async Task SavedFile_IsFoundSoon()
    {
        var path = Path.Combine(jarvis.Library, "agents", "lamp-lighter.md");
        await File.WriteAllTextAsync(path, "---\nname: lamp-lighter\ndescription: Lights lamps at dusk.\n---\n\nLight them.\n");
        await Eventually.GetAsync("the new agent is listed", TimeSpan.FromSeconds(60), async () =>
        {
            using var response = await jarvis.Client.GetAsync("/api/v2/agents/lamp-lighter");
            return response.IsSuccessStatusCode ? response.StatusCode.ToString() : null;
        });
        File.Delete(path);
    }

    [Fact]
    public async Task Library_ThatVanishes_IsToldAndComesBack()
    {
        var aside = jarvis.Library + "-aside";
        Directory.Move(jarvis.Library, aside);
        try
        {
            await SourceStateAsync("missing");
            using var health = await jarvis.Client.GetAsync("/health/catalog");
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }
        finally
        {
            Directory.Move(aside, jarvis.Library);
        }
        await SourceStateAsync("ready");
        await Eventually.GetAsync("its agents are back", TimeSpan.FromSeconds(60), async () =>
        {
            using var response = await jarvis.Client.GetAsync("/api/v2/agents/tide-watcher");
            return response.IsSuccessStatusCode ? response.StatusCode.ToString() : null;
        });
    }

    [Fact]
    public async Task Read_WithTheETagItHas_IsNotModified()
    {
        using var first = await jarvis.Client.GetAsync("/api/v2/agents");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await jarvis.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.False(first.Headers.ETag!.IsWeak);
    }

    private async Task SourceStateAsync(string state) =>
        await Eventually.GetAsync($"the library is {state}", TimeSpan.FromSeconds(60), async () =>
        {
            var sources = await jarvis.GetAsync("/api/v2/catalog/sources");
            return sources.GetProperty("sources").EnumerateArray()
                .Any(source => source.GetProperty("path").GetString() == jarvis.Library && source.GetProperty("state").GetString() == state) ? state : null;
        });
}
