using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class OtlpJsonTests
{
    private const string Whole =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"lamps"}}]},"scopeSpans":[{"scope":{"name":"Lamps"},"spans":[
        {"traceId":"0102030405060708090A0B0C0D0E0F10","spanId":"0102030405060708","parentSpanId":"0b0c0d0e0f101112","name":"GET /lamps","kind":3,"unknown":{"x":[1]},
        "startTimeUnixNano":"1780000000123456789","endTimeUnixNano":1780000000123458289,"status":{"code":2,"message":"too dark"},
        "attributes":[{"key":"correlation.id","value":{"stringValue":"lamp-story-1"}},{"key":"whole","value":{"intValue":"-5"}},{"key":"number","value":{"doubleValue":0.25}},
        {"key":"list","value":{"arrayValue":{"values":[{"boolValue":true},{}]}}},{"key":"map","value":{"kvlistValue":{"values":[{"key":"inner","value":{"stringValue":"x"}}]}}}],
        "events":[{"timeUnixNano":"7","name":"e"}],"links":[]}]}]}]}
        """;

    [Fact]
    public void Read_WholeSpan_KeepsEveryField()
    {
        var span = Assert.Single(Read(Whole).Spans);

        Assert.Equal(Samples.TraceId, span.TraceId);
        Assert.Equal(Samples.SpanId, span.SpanId);
        Assert.Equal(Samples.ParentId, span.ParentSpanId);
        Assert.Equal(("lamps", "Lamps", "GET /lamps", "too dark"), (span.Service, span.Scope, span.Name, span.StatusMessage));
        Assert.Equal((3, 2), (span.Kind, span.Status));
        Assert.Equal(((long)Samples.Start, 1_500L), (span.StartUnixNano, span.DurationNs));
        Assert.Equal("lamp-story-1", span.CorrelationId);
        Assert.Equal("""{"correlation.id":"lamp-story-1","whole":-5,"number":0.25,"list":[true,null],"map":{"inner":"x"}}""", Encoding.UTF8.GetString(span.Attributes!));
        Assert.Equal("""[{"time_unix_nano":"7","name":"e","attributes":{}}]""", Encoding.UTF8.GetString(span.Events!));
        Assert.Null(span.Links);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"resourceSpans\":")]
    [InlineData("{\"resourceSpans\":7}")]
    [InlineData("{\"resourceSpans\":[7]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":7}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"startTimeUnixNano\":\"soon\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"\\ud800\"}]}]}]}")]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":\"x\"}}]}]}]}]}")]
    public void Read_BrokenBody_IsRefused(string body) => Assert.Throws<OtlpFormatException>(() => Read(body));

    [Theory]
    [InlineData("0102030405060708090A0B0C0D0E0F10", "0102", "span_id must have 8 bytes")]
    [InlineData("xyz", "0102030405060708", "trace_id must have 16 bytes")]
    [InlineData("00000000000000000000000000000000", "0102030405060708", "trace_id must not be all zeros")]
    [InlineData("0102030405060708090A0B0C0D0E0F10", "0000000000000000", "span_id must not be all zeros")]
    public void Read_WrongId_RejectsTheSpanOnly(string traceId, string spanId, string reason)
    {
        var batch = Read(Whole.Replace("0102030405060708090A0B0C0D0E0F10", traceId, StringComparison.Ordinal).Replace("\"spanId\":\"0102030405060708\"", $"\"spanId\":\"{spanId}\"", StringComparison.Ordinal));

        Assert.Equal((0, 1, reason), (batch.Spans.Count, batch.Rejected, batch.Reason));
    }

    [Fact]
    public void Read_AnyDamageToAMessage_EndsOrIsRefused()
    {
        var whole = Encoding.UTF8.GetBytes(Whole);
        Prop.ForAll<int, byte>((at, value) =>
        {
            byte[] damaged = [.. whole];
            damaged[(int)((uint)at % damaged.Length)] = value;
            try
            {
                OtlpJson.Read(damaged, Samples.Batch());
            }
            catch (OtlpFormatException)
            {
                return true;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static SpanBatch Read(string body)
    {
        var batch = Samples.Batch();
        OtlpJson.Read(Encoding.UTF8.GetBytes(body), batch);
        return batch;
    }
}
