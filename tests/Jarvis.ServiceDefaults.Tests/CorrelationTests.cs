using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class CorrelationTests(EchoApp app) : IClassFixture<EchoApp>
{
    [Theory]
    [InlineData("demo-001", true)]
    [InlineData("A.b_c-0123456789", true)]
    [InlineData("demo-1", true)]
    [InlineData("short", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("has space", false)]
    [InlineData("quote'--drop", false)]
    [InlineData("naïve-ids", false)]
    public void IsValid_Text_FollowsTheContract(string? text, bool valid) => Assert.Equal(valid, CorrelationId.IsValid(text));

    [Fact]
    public void IsValid_Length_SixTo64()
    {
        Assert.True(CorrelationId.IsValid(new string('a', 64)));
        Assert.False(CorrelationId.IsValid(new string('a', 65)));
    }

    [Fact]
    public async Task Request_WithId_CarriesItEverywhere()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo");
        request.Headers.Add(CorrelationId.Header, "demo-0001");
        using var response = await app.Client.SendAsync(request);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(["demo-0001"], response.Headers.GetValues(CorrelationId.Header));
        Assert.Equal("demo-0001", body.GetProperty("metadata").GetProperty("correlation_id").GetString());
        Assert.Equal("demo-0001", body.GetProperty("data").GetProperty("ambient").GetString());
        Assert.Equal("demo-0001", body.GetProperty("data").GetProperty("tag").GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("bad id")]
    [InlineData("x")]
    public async Task Request_WithoutAValidId_GetsANewOne(string? sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo");
        if (sent is not null)
            request.Headers.TryAddWithoutValidation(CorrelationId.Header, sent);
        using var response = await app.Client.SendAsync(request);

        Assert.Matches("^req-[0-9a-f]{32}$", Assert.Single(response.Headers.GetValues(CorrelationId.Header)));
    }

    [Fact]
    public async Task Failure_OfAnyKind_CarriesTheId()
    {
        foreach (var path in (string[])["/nope", "/boom", "/missing", "/bare/503"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add(CorrelationId.Header, "demo-0002");
            using var response = await app.Client.SendAsync(request);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();

            Assert.Equal(["demo-0002"], response.Headers.GetValues(CorrelationId.Header));
            Assert.Equal("demo-0002", body.GetProperty("correlation_id").GetString());
        }
    }

    [Theory]
    [InlineData("baggage-01", "baggage-01")]
    [InlineData("x'*/; DROP TABLE workflows.task; --", null)]
    public void Current_FromBaggage_IsOnlyTakenWhenValid(string sent, string? expected)
    {
        using var activity = new Activity("work").AddBaggage(CorrelationId.Attribute, sent).Start();
        Assert.Equal(expected, CorrelationId.Current);
    }

    [Fact]
    public void Use_Nested_RestoresTheOuterId()
    {
        using (CorrelationId.Use("outer-001"))
        {
            using (CorrelationId.Use("inner-001"))
                Assert.Equal("inner-001", CorrelationId.Current);
            Assert.Equal("outer-001", CorrelationId.Current);
        }
        Assert.Null(CorrelationId.Current);
    }
}
