using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Jarvis.Gateway.Tests.HotCache;

public sealed class HotReadTests : IAsyncLifetime
{
    private const string Agents = "/api/v2/agents";
    private GatewayHost _gateway = null!;

    // A time that no test outlives: what is dropped is dropped for another reason.
    public async Task InitializeAsync() => _gateway = await GatewayHost.StartAsync(null, "--HotCache:TtlMs=60000");

    public Task DisposeAsync() => _gateway.DisposeAsync().AsTask();

    [Fact]
    public async Task SecondRead_OfTheSame_DoesNotReachTheCatalog()
    {
        using var first = await _gateway.SendAsync(Agents, ("X-Correlation-ID", "reader-01"));
        using var second = await _gateway.SendAsync(Agents, ("X-Correlation-ID", "reader-02"));
        Assert.Equal(1, _gateway.Catalog.Asked(Agents));
        foreach (var (response, reader) in new[] { (first, "reader-01"), (second, "reader-02") })
        {
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("one", body.GetProperty("data").GetProperty("version").GetString());
            Assert.Equal(reader, body.GetProperty("metadata").GetProperty("correlation_id").GetString());
            Assert.Equal([reader], response.Headers.GetValues("X-Correlation-ID"));
            Assert.Equal("\"one\"", response.Headers.ETag!.ToString());
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Jarvis-", StringComparison.OrdinalIgnoreCase));
            Assert.Single(response.Headers.Vary);
        }
    }

    [Theory]
    [InlineData("/api/v2/agents?limit=5&offset=2", "/api/v2/agents?offset=2&limit=5")]
    [InlineData("/api/v2/agents", "/agents")]
    public async Task Read_OfTheSameByAnotherName_DoesNotReachTheCatalog(string path, string same)
    {
        using var first = await _gateway.SendAsync(path);
        using var second = await _gateway.SendAsync(same);
        Assert.Equal(1, _gateway.Catalog.Asked(Agents));
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task EachCoding_IsTheSameAnswer_AndAskedForOnce()
    {
        using var plain = await _gateway.SendAsync(Agents);
        var expected = (await plain.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetRawText();
        foreach (var coding in (string[])["br", "gzip"])
        {
            using var response = await _gateway.SendAsync(Agents, ("Accept-Encoding", coding));
            Assert.Equal([coding], response.Content.Headers.ContentEncoding);
            await using var body = await response.Content.ReadAsStreamAsync();
            await using Stream decoder = coding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
            Assert.Equal(expected, (await JsonSerializer.DeserializeAsync<JsonElement>(decoder)).GetProperty("data").GetRawText());
        }
        Assert.Equal(1, _gateway.Catalog.Asked(Agents));
    }

    [Theory]
    [InlineData("/api/v2/agents", "\"one\"", 1)]
    [InlineData("/api/v2/agents", "\"one-gz\"", 1)]
    [InlineData("/api/v2/skills", "\"skills\"", 2)]
    public async Task Client_ThatHasIt_Gets304(string path, string tag, int asked)
    {
        for (var i = 0; i < 2; i++)
        {
            using var response = await _gateway.SendAsync(path, ("If-None-Match", tag));
            Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
            Assert.Equal(tag, response.Headers.ETag!.ToString());
            Assert.Null(response.Content.Headers.ContentType);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        }
        Assert.Equal(asked, _gateway.Catalog.Asked(path));
    }

    [Fact]
    public async Task Content_IsKeptForEachFormThatAcceptChooses()
    {
        const string path = "/api/v2/agents/one/content";
        for (var i = 0; i < 2; i++)
        {
            using var json = await _gateway.SendAsync(path);
            using var markdown = await _gateway.SendAsync(path, ("Accept", "text/markdown"));
            Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
            Assert.Equal("# Hello", await markdown.Content.ReadAsStringAsync());
            Assert.Equal("Accept, Accept-Encoding", string.Join(", ", markdown.Headers.Vary));
        }
        Assert.Equal(2, _gateway.Catalog.Asked(path));
    }

    [Fact]
    public async Task Head_OfWhatIsKept_TellsItsLength()
    {
        using var get = await _gateway.SendAsync(Agents, ("X-Correlation-ID", "reader-01"));
        using var request = new HttpRequestMessage(HttpMethod.Head, Agents);
        request.Headers.Add("X-Correlation-ID", "reader-01");
        using var head = await _gateway.Client.SendAsync(request);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(1, _gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Failure_IsNotKept()
    {
        for (var i = 0; i < 2; i++)
        {
            using var response = await _gateway.SendAsync("/api/v2/agents/nobody");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
        Assert.Equal(2, _gateway.Catalog.Asked("/api/v2/agents/nobody"));
    }

    [Fact]
    public async Task ForeignHost_IsRefusedThoughTheAnswerIsKept()
    {
        using var first = await _gateway.SendAsync(Agents);
        using var foreign = await _gateway.SendAsync(Agents, ("Host", "rebound.example"));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
    }

    [Fact]
    public async Task Stats_TellTheCachesOfEveryServiceAndWhoDidNotAnswer()
    {
        foreach (var path in (string[])[Agents, Agents, Agents, "/api/v2/agents/nobody"])
            (await _gateway.SendAsync(path)).Dispose();
        var data = await DataAsync(HttpMethod.Get, "/api/cache/stats");
        var hot = data.GetProperty("caches").EnumerateArray().Single(cache => cache.GetProperty("name").GetString() == "hot");
        Assert.Equal(("gateway", 1, 2, 2), (hot.GetProperty("service").GetString(), hot.GetProperty("entries").GetInt32(), hot.GetProperty("hits").GetInt32(), hot.GetProperty("misses").GetInt32()));
        Assert.InRange(hot.GetProperty("bytes").GetInt64(), 5_000, 20_000);
        Assert.Contains(data.GetProperty("caches").EnumerateArray(), cache => cache.GetProperty("name").GetString() == "pages" && cache.GetProperty("service").GetString() == "catalog");
        Assert.Equal(["telemetry", "workflows"], data.GetProperty("unreachable").EnumerateArray().Select(service => service.GetString()));
    }

    [Theory]
    [InlineData("", "catalog/pages,catalog/verified-callers,gateway/hot,gateway/verified-callers")]
    [InlineData("?cache=hot", "gateway/hot")]
    [InlineData("?cache=pages", "catalog/pages")]
    public async Task Clear_EmptiesWhatItNames(string query, string cleared)
    {
        (await _gateway.SendAsync(Agents)).Dispose();
        var data = await DataAsync(HttpMethod.Post, $"/api/v2/cache/clear{query}");
        Assert.Equal(cleared, string.Join(',', data.GetProperty("cleared").EnumerateArray().Select(one => one.GetString())));
        (await _gateway.SendAsync(Agents)).Dispose();
        Assert.Equal(cleared.Contains("hot", StringComparison.Ordinal) ? 2 : 1, _gateway.Catalog.Asked(Agents));
    }

    private async Task<JsonElement> DataAsync(HttpMethod method, string path)
    {
        using var response = await _gateway.Client.SendAsync(new HttpRequestMessage(method, path));
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.IsSuccessStatusCode, body.ToString());
        return body.GetProperty("data");
    }
}
