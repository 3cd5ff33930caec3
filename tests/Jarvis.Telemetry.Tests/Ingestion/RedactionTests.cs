using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Redaction;
using Jarvis.Telemetry.Ingestion;

namespace Jarvis.Telemetry.Tests.Ingestion;

/// <summary>What other programs send is redacted before it is stored, in either encoding alike.</summary>
public sealed class RedactionTests
{
    private const string Ticket = "q83vEjRWeJCrze8BI0VniavN7wEjRWeJq83vASNFZ4k";

    private static readonly (string Key, string Sent, string Stored)[] Attributes =
    [
        ("url.query", "limit=5&token=abc", "limit=5&token=REDACTED"),
        ("url.full", $"http://ada:pw@x/setup?ticket={Ticket}#token=abc", "http://REDACTED@x/setup?ticket=REDACTED#token=REDACTED"),
        ("http.url", "http://x/y?key=abc&offset=1", "http://x/y?key=REDACTED&offset=1"),
        ("http.target", "/ws?access_token=abc", "/ws?access_token=REDACTED"),
        ("http.request.header.authorization", "Bearer abc", "REDACTED"),
        ("http.request.header.x_correlation_id", "demo-0001", "demo-0001"),
        ("url.path", $"/api/v2/{Ticket}", "/api/v2/REDACTED"),
        ("db.query.text", "SELECT token FROM t WHERE token = $1", "SELECT token FROM t WHERE token = $1"),
        ("gen_ai.input.messages", "say hello", "REDACTED"),
        ("note", "Wasserfälle 🌊 bleiben", "Wasserfälle 🌊 bleiben"),
        ("correlation.id", "demo-0001", "demo-0001"),
    ];

    [Fact]
    public void Protobuf_SpanWithSecrets_IsStoredWithout()
    {
        var span = Samples.Span();
        foreach (var (key, sent, _) in Attributes)
            span.Message(9, Wire.TextAttribute(key, sent));
        span.Message(11, new Wire().Fixed64(1, Samples.Start).Text(2, $"said {Ticket}").Message(3, Wire.TextAttribute("exception.message", "at /x?token=abc")));
        var batch = Samples.Batch();
        OtlpProtobuf.Read(Samples.Request(span).ToArray(), batch);
        HasNoSecret(Assert.Single(batch.Spans));
    }

    [Fact]
    public void Json_SpanWithSecrets_IsStoredWithout()
    {
        var span = new
        {
            traceId = Convert.ToHexString(Samples.TraceId),
            spanId = Convert.ToHexString(Samples.SpanId),
            name = "x",
            startTimeUnixNano = Samples.Start,
            endTimeUnixNano = Samples.Start,
            attributes = Attributes.Select(attribute => new { key = attribute.Key, value = new { stringValue = attribute.Sent } }),
            events = new[] { new { timeUnixNano = Samples.Start, name = $"said {Ticket}", attributes = new[] { new { key = "exception.message", value = new { stringValue = "at /x?token=abc" } } } } },
        };
        var batch = Samples.Batch();
        OtlpJson.Read(JsonSerializer.SerializeToUtf8Bytes(new { resourceSpans = new[] { new { scopeSpans = new[] { new { spans = new[] { span } } } } } }), batch);
        HasNoSecret(Assert.Single(batch.Spans));
    }

    [Fact]
    public void Protobuf_ListUnderASpeakingName_IsHiddenWithAllInIt()
    {
        var list = new Wire().Message(1, Wire.TextAttribute("user", "ada")).Message(1, Wire.Attribute("raw", new Wire().Bytes(7, [1, 2, 3]))).Message(1, Wire.Attribute("tries", new Wire().Varint(3, 4)));
        var span = Samples.Span().Message(9, Wire.Attribute("login.password", new Wire().Message(6, list))).Message(9, Wire.TextAttribute("after", "shown"))
            .Message(9, Wire.Attribute("http.request.header.cookie", new Wire().Message(5, new Wire().Message(1, new Wire().Text(1, "a=b")))));
        var batch = Samples.Batch();
        OtlpProtobuf.Read(Samples.Request(span).ToArray(), batch);
        var stored = JsonDocument.Parse(Assert.Single(batch.Spans).Attributes!).RootElement;
        Assert.Equal("""{"user":"REDACTED","raw":"REDACTED","tries":4}""", stored.GetProperty("login.password").GetRawText());
        Assert.Equal("""["REDACTED"]""", stored.GetProperty("http.request.header.cookie").GetRawText());
        Assert.Equal("shown", stored.GetProperty("after").GetString());
    }

    [Fact]
    public void Protobuf_NameAndStatusWithSecrets_AreStoredWithout()
    {
        var span = new Wire().Bytes(1, Samples.TraceId).Bytes(2, Samples.SpanId).Text(5, "GET /setup?token=abc").Fixed64(7, Samples.Start)
            .Message(15, new Wire().Text(2, $"ticket {Ticket}").Varint(3, 2)).Message(9, Wire.TextAttribute($"key {Ticket}", "x"));
        var batch = Samples.Batch();
        OtlpProtobuf.Read(Samples.Request(span).ToArray(), batch);
        var stored = Assert.Single(batch.Spans);
        Assert.Equal(("GET /setup?token=REDACTED", "ticket REDACTED"), (stored.Name, stored.StatusMessage));
        Assert.Equal("""{"key REDACTED":"x"}""", Encoding.UTF8.GetString(stored.Attributes!));
    }

    [Theory]
    [InlineData(8_190)]
    [InlineData(8_200)]
    [InlineData(40_000)]
    public void Protobuf_SecretAtTheCut_IsHidden(int before)
    {
        var batch = Samples.Batch();
        OtlpProtobuf.Read(Samples.Request(Samples.Span().Message(9, Wire.TextAttribute("note", $"{new string(' ', before)}?token={Ticket}"))).ToArray(), batch);
        Assert.DoesNotContain(Ticket[..4], Encoding.UTF8.GetString(Assert.Single(batch.Spans).Attributes!), StringComparison.Ordinal);
    }

    [Fact]
    public void Protobuf_PromptThatTheOperatorWants_IsStored()
    {
        var batch = new SpanBatch((0, long.MaxValue), 10, long.MaxValue, new AttributeRedaction(recordPrompts: true));
        OtlpProtobuf.Read(Samples.Request(Samples.Span().Message(9, Wire.TextAttribute("gen_ai.input.messages", "say hello"))).ToArray(), batch);
        Assert.Contains("say hello", Encoding.UTF8.GetString(Assert.Single(batch.Spans).Attributes!), StringComparison.Ordinal);
    }

    private static void HasNoSecret(SpanRecord stored)
    {
        var attributes = JsonDocument.Parse(stored.Attributes!).RootElement;
        Assert.All(Attributes, attribute => Assert.Equal(attribute.Stored, attributes.GetProperty(attribute.Key).GetString()));
        var happened = JsonDocument.Parse(stored.Events!).RootElement[0];
        Assert.Equal("said REDACTED", happened.GetProperty("name").GetString());
        Assert.Equal("at /x?token=REDACTED", happened.GetProperty("attributes").GetProperty("exception.message").GetString());
    }
}
