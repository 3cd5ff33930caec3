using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Tests.Ingestion;

namespace Jarvis.Telemetry.Tests.Hostile;

/// <summary>Exports that are small on the wire and large when they are unpacked, while nothing can be stored.</summary>
[Collection(HostileCollection.Name)]
public sealed class HostileSpansTests
{
    private const int QueueBytes = 4 * 1_048_576;
    private const int Requests = 60;

    [Fact]
    public async Task Export_WhileTheStoreHangs_HoldsNoMoreThanTheQueue()
    {
        await using var app = await OtlpApp.StartAsync(
            ("Ingestion:MaxQueuedBytes", QueueBytes.ToString(CultureInfo.InvariantCulture)), ("Ingestion:CommitTimeoutSeconds", "1"), ("Ingestion:LingerMs", "0"));
        var plain = Samples.Request([.. Enumerable.Range(1, 30).Select(number => Span((byte)number))]).ToArray();
        var body = Gzip(plain);
        // The first wave fills what is kept in any case: the queue, and the pools of buffers.
        var first = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => PostAsync(app, body)));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var more = new List<HttpStatusCode>();
        for (var wave = 0; wave < 3; wave++)
            more.AddRange(await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => PostAsync(app, body))));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.All([.. first, .. more], status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        Assert.True(app.Writer.QueuedBytes <= QueueBytes, $"{app.Writer.QueuedBytes} bytes wait");
        // Were they kept, it would be three waves; the pools still grow a little.
        Assert.True(grown <= (long)Requests * plain.Length, $"{grown} bytes more are held, a wave has {(long)Requests * plain.Length}");
    }

    [Fact]
    public void Read_SpanOfEverythingAtOnce_IsCutAndSaysSo()
    {
        var text = new string('\u0001', JsonBuffer.MaxTextLength);
        var items = new Wire().Text(2, "event");
        var link = new Wire();
        for (var i = 0; i < JsonBuffer.MaxEntries; i++)
        {
            items.Message(3, Wire.TextAttribute($"e{i}", text));
            link.Message(4, Wire.TextAttribute($"l{i}", text));
        }
        var span = Span(1).Message(11, items).Message(11, items).Message(13, link).Message(13, link);
        var batch = Samples.Batch();
        OtlpProtobuf.Read(Samples.Request(span).ToArray(), batch);

        var stored = Assert.Single(batch.Spans);
        // A control character is six bytes of JSON: one text beyond the bound may be half as long as that.
        Assert.All([stored.Attributes!, stored.Events!, stored.Links!], json => Assert.InRange(json.Length, 1, JsonBuffer.MaxBytes + (7 * JsonBuffer.MaxTextLength)));
        Assert.Contains(JsonBuffer.DroppedName, Encoding.UTF8.GetString(stored.Attributes!), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SpansThatGrowWhenStored_AreRefusedAtTheBound()
    {
        var batch = new SpanBatch((0, long.MaxValue), 1_000, 1_048_576, Samples.Batch().Redaction);
        var body = Samples.Request([.. Enumerable.Range(1, 30).Select(number => Span((byte)number))]).ToArray();
        Assert.Throws<OtlpTooLargeException>(() => OtlpProtobuf.Read(body, batch));
        Assert.True(batch.Spans.Sum(span => span.Bytes) <= 1_048_576);
    }

    [Fact]
    public void Json_OfBracketsOnly_IsRefusedBeforeItCostsMemory()
    {
        var body = Encoding.UTF8.GetBytes($"{{\"resourceSpans\":[{string.Join(',', Enumerable.Repeat("[]", 2_000_000))}]}}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<OtlpTooLargeException>(() => OtlpJson.Read(body, Samples.Batch(), maxTokens: 1_000_000));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < body.Length / 10, $"{allocated} bytes for a body of {body.Length}");
    }

    private static Wire Span(byte number)
    {
        var span = new Wire().Bytes(1, Samples.TraceId).Bytes(2, [number, 2, 3, 4, 5, 6, 7, 8]).Text(5, "light")
            .Fixed64(7, (ulong)UnixTime.Nanos(TimeProvider.System.GetUtcNow())).Fixed64(8, 1);
        for (var i = 0; i < 10; i++)
            span.Message(9, Wire.TextAttribute($"a{i}", new string('x', 7_000)));
        return span;
    }

    private static async Task<HttpStatusCode> PostAsync(OtlpApp app, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(OtlpAnswer.Protobuf) } };
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await app.Client.PostAsync(new Uri("/v1/traces", UriKind.Relative), content);
        return response.StatusCode;
    }

    private static byte[] Gzip(byte[] body)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(body);
        return memory.ToArray();
    }
}
