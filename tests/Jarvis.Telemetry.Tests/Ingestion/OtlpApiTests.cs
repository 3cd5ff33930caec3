using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class OtlpApiTests
{
    private static readonly ulong Now = (ulong)UnixTime.Nanos(TimeProvider.System.GetUtcNow());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Export_ValidSpans_AnswersOnlyAfterTheCommit(bool gzip)
    {
        await using var app = await OtlpApp.StartAsync();
        var export = PostAsync(app, Samples.Request(Span(Samples.SpanId)).ToArray(), gzip: gzip);
        Assert.Equal(1, await app.Sink.StartedAsync());
        Assert.False(export.IsCompleted);

        app.Sink.Commit();

        using var response = await export;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(OtlpAnswer.Protobuf, response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Export_WithSomeWrongSpans_SaysHowMany()
    {
        await using var app = await OtlpApp.StartAsync();
        app.Sink.Commit();
        using var response = await PostAsync(app, Samples.Request(Span(Samples.SpanId), Span([1]), Span([])).ToArray());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var expected = new Wire().Message(1, new Wire().Varint(1, 2).Text(2, "span_id must have 8 bytes")).ToArray();
        Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync());
        Assert.Single(app.Sink.Committed);
    }

    [Fact]
    public async Task Export_Garbage_IsAStatusInTheSameContentType()
    {
        await using var app = await OtlpApp.StartAsync();
        using var protobuf = await PostAsync(app, [0x0A, 0x05, 0x01]);
        using var json = await PostAsync(app, "{\"resourceSpans\":7}"u8.ToArray(), OtlpAnswer.Json);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (protobuf.StatusCode, json.StatusCode));
        Assert.Equal(OtlpAnswer.Protobuf, protobuf.Content.Headers.ContentType?.MediaType);
        Assert.Equal(new Wire().Varint(1, 3).Text(2, "The protobuf message ends in the middle of a field.").ToArray(), await protobuf.Content.ReadAsByteArrayAsync());
        var status = JsonDocument.Parse(await json.Content.ReadAsByteArrayAsync()).RootElement;
        Assert.Equal((3, "\"resourceSpans\" has the wrong type."), (status.GetProperty("code").GetInt32(), status.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Export_GzipBomb_IsRefusedAtTheLimit()
    {
        await using var app = await OtlpApp.StartAsync(("Ingestion:MaxDecompressedBytes", "1000000"));
        using var response = await PostAsync(app, new byte[50_000_000], gzip: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("Ingestion:MaxBodyBytes", "1024", 2_000)]
    [InlineData("Ingestion:MaxSpansPerRequest", "1", 0)]
    public async Task Export_OverALimit_Is413(string setting, string value, int padding)
    {
        await using var app = await OtlpApp.StartAsync((setting, value));
        using var response = await PostAsync(app, Samples.Request(Span(Samples.SpanId), Span(Samples.ParentId)).Bytes(9, new byte[padding]).ToArray());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(OtlpAnswer.Protobuf, "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(OtlpAnswer.Protobuf, "gzip", HttpStatusCode.BadRequest)]
    public async Task Export_InAnotherForm_IsRefused(string type, string? encoding, HttpStatusCode status)
    {
        await using var app = await OtlpApp.StartAsync();
        using var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
            content.Headers.ContentEncoding.Add(encoding);
        using var response = await app.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content);
        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Export_WithTheStoreAway_AsksToComeBack()
    {
        await using var app = await OtlpApp.StartAsync();
        app.Sink.Fail(new IngestionUnavailableException("Postgres does not answer."));
        using var response = await PostAsync(app, Samples.Request(Span(Samples.SpanId)).ToArray());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Equal(new Wire().Varint(1, 14).Text(2, "Postgres does not answer.").ToArray(), await response.Content.ReadAsByteArrayAsync());
    }

    private static Wire Span(byte[] id) => new Wire().Bytes(1, Samples.TraceId).Bytes(2, id).Text(5, "light").Fixed64(7, Now).Fixed64(8, Now + 1);

    private static async Task<HttpResponseMessage> PostAsync(OtlpApp app, byte[] body, string type = OtlpAnswer.Protobuf, bool gzip = false)
    {
        using var content = new ByteArrayContent(gzip ? Gzip(body) : body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (gzip)
            content.Headers.ContentEncoding.Add("gzip");
        return await app.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content);
    }

    private static byte[] Gzip(byte[] body)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(body);
        return memory.ToArray();
    }
}
