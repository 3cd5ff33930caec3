using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Jarvis.ServiceDefaults.Tests.Envelopes;

public sealed class PreparedTests(PreparedApp app) : IClassFixture<PreparedApp>
{
    [Theory]
    [InlineData(null, "", "\"many\"")]
    [InlineData("gzip", "gzip", "\"many-gz\"")]
    [InlineData("br", "br", "\"many-br\"")]
    public async Task Envelope_InEachCoding_IsTheSameAnswer(string? accepted, string coding, string tag)
    {
        using var response = await SendAsync("/many", ("Accept-Encoding", accepted), ("X-Correlation-ID", "prepared-01"));
        Assert.Equal(coding, string.Join(',', response.Content.Headers.ContentEncoding));
        Assert.Equal(tag, response.Headers.ETag!.ToString());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Equal("no-cache, private", string.Join(", ", response.Headers.CacheControl!.ToString().Split(", ").Order(StringComparer.Ordinal)));
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(response.Content.Headers.ContentLength, body.Length);

        var envelope = JsonSerializer.Deserialize<JsonElement>(Plain(body, coding));
        using var plain = await SendAsync("/plain", ("X-Correlation-ID", "prepared-01"));
        var expected = await plain.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(expected.GetProperty("data").GetRawText(), envelope.GetProperty("data").GetRawText());
        Assert.True(envelope.GetProperty("success").GetBoolean());
        Assert.Equal("prepared-01", envelope.GetProperty("metadata").GetProperty("correlation_id").GetString());
        Assert.Equal(TimeSpan.Zero, envelope.GetProperty("metadata").GetProperty("timestamp").GetDateTimeOffset().Offset);
    }

    [Theory]
    [InlineData("\"many\"", "\"many\"")]
    [InlineData("W/\"many\"", "\"many\"")]
    [InlineData("\"other\", \"many-gz\"", "\"many-gz\"")]
    [InlineData("\"many-br\"", "\"many-br\"")]
    [InlineData("*", "\"many-br\"")]
    public async Task Client_ThatHasAnyCodingOfIt_GetsThatTagAnd304(string given, string tag)
    {
        using var response = await SendAsync("/many", ("Accept-Encoding", "br"), ("If-None-Match", given));
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal(tag, response.Headers.ETag!.ToString());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Client_ThatHasAnother_GetsTheBody()
    {
        using var response = await SendAsync("/many", ("If-None-Match", "\"man\", \"many-x\", W/\"other\""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip", "")]
    [InlineData("gzip, identity;q=0", "gzip")]
    public async Task SmallBody_IsCompressedOnlyWhenItMustBe(string accepted, string coding)
    {
        using var response = await SendAsync("/few", ("Accept-Encoding", accepted));
        Assert.Equal(coding, string.Join(',', response.Content.Headers.ContentEncoding));
        var envelope = JsonSerializer.Deserialize<JsonElement>(Plain(await response.Content.ReadAsByteArrayAsync(), coding));
        Assert.Equal("lexical", envelope.GetProperty("metadata").GetProperty("mode_used").GetString());
    }

    [Fact]
    public async Task WholeBody_HasNoEnvelopeAndVariesOnMore()
    {
        using var response = await SendAsync("/text", ("Accept-Encoding", "gzip"));
        Assert.Equal(new byte[5_000], Plain(await response.Content.ReadAsByteArrayAsync(), "gzip"));
        Assert.Equal("text/markdown; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["Accept", "Accept-Encoding"], response.Headers.Vary);
        Assert.Equal(["5000"], response.Headers.GetValues("Jarvis-Prepared"));
    }

    [Fact]
    public async Task Members_InPlaceOfData_StandBesideTheMetadata()
    {
        using var response = await SendAsync("/old");
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["success", "agents", "count", "metadata"], body.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["7"], response.Headers.GetValues("Jarvis-Catalog-Version"));
    }

    [Fact]
    public async Task Head_OfAPreparedBody_TellsItsLengthOnly()
    {
        using var get = await SendAsync("/many", ("X-Correlation-ID", "prepared-02"));
        using var request = new HttpRequestMessage(HttpMethod.Head, "/many");
        request.Headers.Add("X-Correlation-ID", "prepared-02");
        using var head = await app.Client.SendAsync(request);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
    }

    private Task<HttpResponseMessage> SendAsync(string path, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
        return app.Client.SendAsync(request);
    }

    private static byte[] Plain(byte[] body, string coding)
    {
        using Stream stream = coding switch
        {
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
