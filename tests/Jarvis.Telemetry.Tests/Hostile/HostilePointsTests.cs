using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Telemetry.Metrics;

namespace Jarvis.Telemetry.Tests.Hostile;

/// <summary>Bodies of metrics that are made to cost much: reading them costs no more than reading honest ones of their size.</summary>
[Collection(HostileCollection.Name)]
public sealed class HostilePointsTests
{
    private const int Size = 2_000_000;
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, string> Bodies => new()
    {
        { "names that are empty", $$$"""{"metric_name":"a","value":1,"tags":{{{{Filled("\"\":1")}}}}}""" },
        { "names with a NUL", $$$"""{"metric_name":"a","value":1,"tags":{{{{Filled("\"\\u0000\":1")}}}}}""" },
        { "values that are none", $$$"""{"metric_name":"a","value":1,"tags":{{{{Filled("\"a\":{}")}}}}}""" },
        { "one name again and again", $$$"""{"metric_name":"a","value":1,"tags":{{{{Filled("\"a\":1")}}}}}""" },
        { "members that nobody knows", $$$"""{{{{Filled("\"x\":1")}}}}""" },
        { "points that are none", $$$"""{"points":[{{{Filled("7")}}}]}""" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Read_HostileBody_CostsNoMoreThanAnHonestOne(string what, string body)
    {
        var hostile = Parsed(body);
        var honest = Parsed($"[{string.Join(',', Enumerable.Repeat($$$"""{"metric_name":"a","value":1,"tags":{"t":"{{{new string('x', 150)}}}"}}""", 9_000))}]");
        Measure(honest);

        var (messages, allocated, time) = Measure(hostile);
        var (_, usual, usualTime) = Measure(honest);

        Assert.True(messages <= FieldErrors.MaxFields * FieldErrors.MaxMessages, $"{what}: {messages} messages");
        Assert.True(allocated <= 2 * usual, $"{what}: {allocated} bytes, an honest body {usual}");
        // Far from the factor of thousands that growth with the square of the members gives.
        Assert.True(time <= 20 * usualTime, $"{what}: {time}, an honest body {usualTime}");
    }

    private static string Filled(string part)
    {
        var text = new StringBuilder(part);
        while (text.Length < Size)
            text.Append(',').Append(part);
        return text.ToString();
    }

    private static JsonElement Parsed(string body) => JsonDocument.Parse(body).RootElement;

    private static (int Messages, long Allocated, TimeSpan Time) Measure(JsonElement body)
    {
        var messages = 0;
        var (before, start) = (GC.GetAllocatedBytesForCurrentThread(), TimeProvider.System.GetTimestamp());
        try
        {
            PointReader.Read(body, Now, (Now.AddDays(-14), Now.AddMinutes(5)));
        }
        catch (FailureException failure)
        {
            messages = failure.Failure.Errors!.Values.Sum(field => field.Length);
        }
        return (messages, GC.GetAllocatedBytesForCurrentThread() - before, TimeProvider.System.GetElapsedTime(start));
    }
}
