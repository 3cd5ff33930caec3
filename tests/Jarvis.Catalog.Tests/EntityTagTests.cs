using System.Net;
using System.Net.Http.Headers;

namespace Jarvis.Catalog.Tests;

public sealed class EntityTagTests
{
    [Theory]
    [InlineData("/api/v2/agents?sort=-name")]
    [InlineData("/api/v2/agents/alpha")]
    [InlineData("/api/v2/agents/alpha/content")]
    [InlineData("/api/v2/search?q=alpha")]
    [InlineData("/api/v2/catalog/effective?all=true")]
    public async Task Read_WithItsEntityTag_IsNotModifiedUntilTheFileChanges(string path)
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/alpha.md", "alpha", "First."));
        using var first = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);
        using var second = await SendAsync(host.Client, path, tag);
        Assert.Equal((HttpStatusCode.NotModified, 0), (second.StatusCode, (await second.Content.ReadAsByteArrayAsync()).Length));

        host.Library.Agent("agents/alpha.md", "alpha", "First, but different.");
        using var reload = await host.Client.PostAsync(new Uri("/api/v2/catalog/reload", UriKind.Relative), content: null);
        using var third = await SendAsync(host.Client, path, tag);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.NotEqual(tag, third.Headers.ETag);
    }

    [Fact]
    public async Task Diagnostics_WithTheirEntityTag_AreNotModifiedUntilThereIsAnother()
    {
        const string Path = "/api/v2/catalog/diagnostics";
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/alpha.md", "alpha", "First.").Write("agents/empty.md", ""));
        using var first = await host.Client.GetAsync(new Uri(Path, UriKind.Relative));
        using var second = await SendAsync(host.Client, Path, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);

        // The resources stay as they are.
        host.Library.Write("agents/empty-too.md", "");
        using var reload = await host.Client.PostAsync(new Uri("/api/v2/catalog/reload", UriKind.Relative), content: null);
        using var third = await SendAsync(host.Client, Path, first.Headers.ETag!);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string path, EntityTagHeaderValue tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { tag } } };
        return client.SendAsync(request);
    }
}
