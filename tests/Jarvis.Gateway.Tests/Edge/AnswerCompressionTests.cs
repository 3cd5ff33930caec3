using System.IO.Compression;
using System.Text;

namespace Jarvis.Gateway.Tests.Edge;

public sealed class AnswerCompressionTests : IAsyncLifetime
{
    private EdgeHost _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeHost.StartAsync();

    public Task DisposeAsync() => _edge.DisposeAsync().AsTask();

    [Theory]
    [InlineData("/edge/text/1024", "gzip", "gzip")]
    [InlineData("/edge/text/300000", "gzip, br", "br")]
    [InlineData("/edge/text/300000", "br;q=0, gzip", "gzip")]
    [InlineData("/edge/json/3000", "br", "br")]
    [InlineData("/edge/json/90000", "gzip", "gzip")]
    [InlineData("/edge/text/1023", "gzip, br", null)]
    [InlineData("/edge/json/500", "gzip, br", null)]
    [InlineData("/edge/text/5000", "identity", null)]
    [InlineData("/edge/text/5000", "deflate", null)]
    [InlineData("/edge/tagged", "gzip, br", null)]
    [InlineData("/edge/image", "gzip, br", null)]
    [InlineData("/api/v2/auth/long", "gzip, br", null)]
    public async Task Answer_OfEachKind_IsCompressedWhereItHelps(string path, string accepted, string? expected)
    {
        var plain = await _edge.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative));
        using var response = await _edge.SendAsync("GET", path, ("Accept-Encoding", accepted));
        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
        var body = await response.Content.ReadAsByteArrayAsync();
        if (expected is not null)
        {
            Assert.Contains("Accept-Encoding", response.Headers.Vary);
            Assert.InRange(body.Length, 1, plain.Length / 2);
        }
        Assert.Equal(WithoutMetadata(plain), WithoutMetadata(await UnpackAsync(body, expected)));
    }

    [Fact]
    public async Task OwnAnswer_Large_IsCompressedToo()
    {
        using var response = await _edge.SendAsync("GET", "/", ("Accept-Encoding", "br"));
        var body = await response.Content.ReadAsByteArrayAsync();
        var encoding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        Assert.Contains("\"links\":{", Encoding.UTF8.GetString(await UnpackAsync(body, encoding)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HotAnswer_KeepsItsOwnCodingAndTag()
    {
        for (var i = 0; i < 2; i++)
        {
            using var response = await _edge.SendAsync("GET", "/api/v2/agents", ("Accept-Encoding", "gzip"));
            Assert.Equal("gzip", Assert.Single(response.Content.Headers.ContentEncoding));
            Assert.False(response.Headers.ETag!.IsWeak);
            Assert.Contains("xxxx", Encoding.UTF8.GetString(await UnpackAsync(await response.Content.ReadAsByteArrayAsync(), "gzip")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Events_ArriveUncompressedAndAtOnce()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/edge/events/compression");
        request.Headers.AcceptEncoding.ParseAdd("gzip, br");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var response = await _edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        Assert.StartsWith("data: xxx", await reader.ReadLineAsync(limit.Token), StringComparison.Ordinal);
        Assert.Empty(response.Content.Headers.ContentEncoding);
        _edge.Open("compression");
    }

    private static string WithoutMetadata(byte[] body) => Encoding.UTF8.GetString(body).Split("\"metadata\"")[0];

    private static async Task<byte[]> UnpackAsync(byte[] body, string? encoding)
    {
        if (encoding is null)
            return body;
        using var packed = new MemoryStream(body);
        await using Stream unpacking = encoding == "br" ? new BrotliStream(packed, CompressionMode.Decompress) : new GZipStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        await unpacking.CopyToAsync(plain);
        return plain.ToArray();
    }
}
