using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class OtlpProtobufTests
{
    [Fact]
    public void Read_WholeSpan_KeepsEveryField()
    {
        var span = Assert.Single(Read(Samples.Request(Samples.Span())).Spans);

        Assert.Equal(Samples.TraceId, span.TraceId);
        Assert.Equal(Samples.SpanId, span.SpanId);
        Assert.Equal(Samples.ParentId, span.ParentSpanId);
        Assert.Equal(("lamps", "lamps-1", "Lamps", "GET /lamps"), (span.Service, span.InstanceId, span.Scope, span.Name));
        Assert.Equal((3, 2, "too dark"), (span.Kind, span.Status, span.StatusMessage));
        Assert.Equal(((long)Samples.Start, 1_500L), (span.StartUnixNano, span.DurationNs));
        Assert.Equal("lamp-story-1", span.CorrelationId);
    }

    [Fact]
    public void Read_AttributesOfEveryKind_BecomeJson()
    {
        var array = new Wire().Message(1, new Wire().Varint(3, 1)).Message(1, new Wire().Text(1, "two"));
        var pairs = new Wire().Message(1, Wire.TextAttribute("inner", "x"));
        var span = Samples.Span()
            .Message(9, Wire.Attribute("flag", new Wire().Varint(2, 1)))
            .Message(9, Wire.Attribute("whole", new Wire().Varint(3, unchecked((ulong)-5L))))
            .Message(9, Wire.Attribute("number", new Wire().Fixed64(4, BitConverter.DoubleToUInt64Bits(0.25))))
            .Message(9, Wire.Attribute("nan", new Wire().Fixed64(4, BitConverter.DoubleToUInt64Bits(double.NaN))))
            .Message(9, Wire.Attribute("list", new Wire().Message(5, array)))
            .Message(9, Wire.Attribute("map", new Wire().Message(6, pairs)))
            .Message(9, Wire.Attribute("bytes", new Wire().Bytes(7, [1, 2, 3])))
            .Message(9, Wire.Attribute("none", new Wire()))
            .Message(9, Wire.TextAttribute("nul", "a\0b"));

        Assert.Equal(
            """{"correlation.id":"lamp-story-1","flag":true,"whole":-5,"number":0.25,"nan":"NaN","list":[1,"two"],"map":{"inner":"x"},"bytes":"AQID","none":null,"nul":"a�b"}""",
            Text(Assert.Single(Read(Samples.Request(span)).Spans).Attributes));
    }

    [Fact]
    public void Read_EventsAndLinks_BecomeJson()
    {
        var span = Samples.Span()
            .Message(11, new Wire().Fixed64(1, 7).Text(2, "exception").Message(3, Wire.TextAttribute("exception.type", "Dark")))
            .Message(13, new Wire().Bytes(1, Samples.TraceId).Bytes(2, Samples.SpanId));

        var record = Assert.Single(Read(Samples.Request(span)).Spans);

        Assert.Equal("""[{"time_unix_nano":"7","name":"exception","attributes":{"exception.type":"Dark"}}]""", Text(record.Events));
        Assert.Equal("""[{"trace_id":"0102030405060708090a0b0c0d0e0f10","span_id":"0102030405060708","attributes":{}}]""", Text(record.Links));
    }

    [Fact]
    public void Read_MoreThanIsKept_SaysHowMuchIsMissing()
    {
        var span = Samples.Span().Message(9, Wire.TextAttribute("long", new string('x', JsonBuffer.MaxTextLength + 1)));
        for (var i = 0; i < JsonBuffer.MaxEntries; i++)
            span.Message(9, Wire.TextAttribute($"k{i}", "v"));
        var deep = new Wire().Text(1, "bottom");
        for (var i = 0; i < 200; i++)
            deep = new Wire().Message(5, new Wire().Message(1, deep));
        var second = new Wire().Bytes(1, Samples.TraceId).Bytes(2, Samples.ParentId).Fixed64(7, Samples.Start).Message(9, Wire.Attribute("deep", deep));

        var batch = Read(Samples.Request(span, second));

        var attributes = JsonDocument.Parse(batch.Spans[0].Attributes).RootElement;
        Assert.Equal(3, attributes.GetProperty(JsonBuffer.DroppedName).GetInt32());
        Assert.Equal(JsonBuffer.MaxTextLength, attributes.GetProperty("long").GetString()!.Length);
        Assert.Equal($$"""{"deep":[[[[[[[[]]]]]]]],"{{JsonBuffer.DroppedName}}":1}""", Text(batch.Spans[1].Attributes));
    }

    [Fact]
    public void Read_UnknownFieldsAndWireTypes_AreSkipped()
    {
        var request = Samples.Request(Samples.Span().Varint(99, 1).Fixed64(98, 1).Text(97, "new").Raw(96 << 3 | 5).Raw(0).Raw(0).Raw(0).Raw(0).Varint(5, 3)).Varint(1, 4);

        Assert.Equal("GET /lamps", Assert.Single(Read(request).Spans).Name);
    }

    [Theory]
    [InlineData(new byte[] { 0x0A })]
    [InlineData(new byte[] { 0x0A, 0x05, 0x01 })]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[] { 0x0B })]
    [InlineData(new byte[] { 0x0F })]
    public void Read_BrokenMessage_IsRefused(byte[] body) =>
        Assert.Throws<OtlpFormatException>(() => OtlpProtobuf.Read(body, Samples.Batch()));

    [Fact]
    public void Read_EveryPrefixOfAMessage_IsRefused()
    {
        var body = Samples.Request(Samples.Span()).ToArray();
        for (var length = 1; length < body.Length; length++)
        {
            var prefix = body[..length];
            Assert.Throws<OtlpFormatException>(() => OtlpProtobuf.Read(prefix, Samples.Batch()));
        }
    }

    [Fact]
    public void Read_AnyBytes_EndsOrIsRefused() => Prop.ForAll<byte[]>(body => EndsOrIsRefused(body)).QuickCheckThrowOnFailure();

    [Fact]
    public void Read_AnyDamageToAMessage_EndsOrIsRefused()
    {
        var whole = Samples.Request(Samples.Span().Message(11, new Wire().Fixed64(1, 7).Text(2, "e")), Samples.Span()).ToArray();
        Prop.ForAll<int, byte>((at, value) =>
        {
            byte[] damaged = [.. whole];
            damaged[(int)((uint)at % damaged.Length)] = value;
            return EndsOrIsRefused(damaged);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    private static bool EndsOrIsRefused(byte[] body)
    {
        try
        {
            var batch = Samples.Batch();
            OtlpProtobuf.Read(body, batch);
            return batch.Spans.TrueForAll(span => span.Attributes is null || JsonDocument.Parse(span.Attributes).RootElement.ValueKind == JsonValueKind.Object);
        }
        catch (Exception exception) when (exception is OtlpFormatException or OtlpTooLargeException)
        {
            return true;
        }
    }

    private static SpanBatch Read(Wire request)
    {
        var batch = Samples.Batch();
        OtlpProtobuf.Read(request.ToArray(), batch);
        return batch;
    }

    private static string Text(byte[]? json) => Encoding.UTF8.GetString(json!);
}
