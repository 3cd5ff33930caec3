using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Telemetry.Traces;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Jarvis.Telemetry.Tests.Traces;

public sealed class TraceFilterTests
{
    private const long Now = 1_780_000_000_000_000_000;
    private const long DayNs = 86_400_000_000_000;

    [Theory]
    [InlineData("", Now - DayNs)]
    [InlineData("?service=catalog", Now - DayNs)]
    [InlineData("?until=1970-01-03T00:00:00Z", DayNs)]
    [InlineData("?until=1970-01-01T12:00:00Z", 0L)]
    [InlineData("?since=1970-01-02T00:00:00Z", DayNs)]
    [InlineData("?correlation_id=demo-0001", null)]
    public void Read_WithoutABegin_LooksThroughADay(string query, long? since) => Assert.Equal(since, Read(query).Since);

    [Theory]
    [InlineData("?service=%00")]
    [InlineData("?name=a%00b")]
    public void Read_WithControlCharacters_IsRefused(string query) => Assert.Equal(422, Assert.Throws<FailureException>(() => Read(query)).Failure.Status);

    private static TraceFilter Read(string query)
    {
        var given = new QueryCollection(QueryHelpers.ParseQuery(query));
        var reader = new QueryReader(given);
        var filter = TraceFilter.Read(reader, given, Now);
        reader.ThrowIfWrong();
        return filter;
    }
}
