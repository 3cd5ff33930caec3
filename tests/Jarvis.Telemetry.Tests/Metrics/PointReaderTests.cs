using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Telemetry.Metrics;

namespace Jarvis.Telemetry.Tests.Metrics;

public sealed class PointReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions WithNaN = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    [Theory]
    [InlineData("""{"metric_name":"lamps.lit","value":3}""", 1)]
    [InlineData("""{"points":[{"metric_name":"lamps.lit","value":3},{"metric_name":"lamps/dark-1","value":-0.5}]}""", 2)]
    [InlineData("""[{"metric_name":"lamps.lit","value":3}]""", 1)]
    public void Read_EachForm_IsTaken(string body, int count) => Assert.Equal(count, Read(body).Count);

    [Fact]
    public void Read_WholePoint_KeepsEveryField()
    {
        var point = Assert.Single(Read("""{"metric_name":"lamps.lit","value":2.5,"timestamp":"2026-06-01T13:59:00+02:00","tags":{"room":"hall","floor":1,"on":true}}"""));

        Assert.Equal(("lamps.lit", 2.5, Now.AddMinutes(-1)), (point.Name, point.Value, point.At));
        Assert.Equal("""{"room":"hall","floor":1,"on":true}"""u8.ToArray(), point.Tags);
    }

    [Theory]
    [InlineData("7", "body")]
    [InlineData("[]", "body")]
    [InlineData("""{"points":{}}""", "points")]
    [InlineData("""{"points":[]}""", "points")]
    [InlineData("""[7]""", "[0]")]
    [InlineData("""{}""", "metric_name,value")]
    [InlineData("""{"metric_name":"Upper","value":"1"}""", "metric_name,value")]
    [InlineData("""{"metric_name":"\ud800","value":1e999}""", "metric_name,value")]
    [InlineData("""{"metric_name":"host.load.1m","value":1}""", "metric_name")]
    [InlineData("""{"metric_name":"a","value":1,"timestamp":"2026-06-01T12:06:00Z"}""", "timestamp")]
    [InlineData("""{"metric_name":"a","value":1,"timestamp":"2026-01-01T12:06:00Z"}""", "timestamp")]
    [InlineData("""{"metric_name":"a","value":1,"timestamp":7}""", "timestamp")]
    [InlineData("""{"metric_name":"a","value":1,"tags":[]}""", "tags")]
    [InlineData("""{"metric_name":"a","value":1,"tags":{"x":{},"y":null}}""", "tags.x,tags.y")]
    [InlineData("""{"metric_name":"a","value":1,"tags":{"\ud800":1}}""", "tags")]
    [InlineData("""{"points":[{"metric_name":"a","value":1},{"metric_name":"b"}]}""", "points[1].value")]
    public void Read_WrongPoints_NamesEveryField(string body, string fields)
    {
        var failure = Assert.Throws<FailureException>(() => Read(body)).Failure;
        Assert.Equal(422, failure.Status);
        Assert.Equal(fields.Split(','), failure.Errors!.Keys);
    }

    [Fact]
    public void Read_ManyWrongPoints_NamesTheFirstAndCountsAll()
    {
        var failure = Assert.Throws<FailureException>(() => Read($"[{string.Join(',', Enumerable.Repeat("{}", 500))}]")).Failure;
        Assert.Equal(FieldErrors.MaxFields, failure.Errors!.Count);
        Assert.Equal(1_000, failure.Extensions!["error_count"]);
    }

    [Fact]
    public void Read_TooManyPoints_IsRefused() =>
        Assert.Throws<FailureException>(() => Read($"[{string.Join(',', Enumerable.Repeat("""{"metric_name":"a","value":1}""", PointReader.MaxPoints + 1))}]"));

    [Fact]
    public void Read_AnyNameAndValue_IsTakenOrRefused() => Prop.ForAll<string, double, string>((name, value, tag) =>
    {
        var body = JsonSerializer.Serialize(
            new { metric_name = name, value, tags = new Dictionary<string, string> { ["t"] = tag } }, WithNaN);
        try
        {
            return PointReader.IsName(Assert.Single(Read(body)).Name);
        }
        catch (FailureException failure)
        {
            return failure.Failure.Status == 422;
        }
    }).QuickCheckThrowOnFailure();

    private static IReadOnlyList<MetricPoint> Read(string body) =>
        PointReader.Read(JsonDocument.Parse(body).RootElement, Now, (Now.AddDays(-14), Now.AddMinutes(5)));
}
