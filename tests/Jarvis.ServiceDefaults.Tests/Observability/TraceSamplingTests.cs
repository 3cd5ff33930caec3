using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Observability.Sampling;

namespace Jarvis.ServiceDefaults.Tests.Observability;

[Collection(TracingCollection.Name)]
public sealed class TraceSamplingTests
{
    private const string NoneUnasked = "--Telemetry:Sampling:TracesPerSecond=0";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Recorded = $"00-{TraceId}-b7ad6b7169203331-01";
    private const string Unrecorded = $"00-{TraceId}-b7ad6b7169203331-00";

    [Fact]
    public async Task Request_WhileThereIsLittleToDo_IsOneTraceWithItsCorrelationIdOnEverySpan()
    {
        await using var app = await TracedApp.StartAsync([]);
        await app.GetAsync("/work");
        var spans = await app.SpansAsync();

        Assert.Equal(["SELECT", "GET /work"], spans.Select(span => span.DisplayName));
        Assert.Single(spans.Select(span => span.TraceId).Distinct());
        Assert.Matches("^req-", Assert.Single(spans.Select(span => span.GetTagItem(CorrelationId.Attribute)).Distinct())?.ToString());
    }

    [Fact]
    public async Task Requests_PastTheRate_LeaveNothing()
    {
        await using var app = await TracedApp.StartAsync(["--Telemetry:Sampling:TracesPerSecond=3"]);
        for (var i = 0; i < 20; i++)
            await app.GetAsync("/work");

        var traces = (await app.SpansAsync()).GroupBy(span => span.TraceId).ToArray();
        Assert.InRange(traces.Length, 3, 19);
        Assert.All(traces, trace => Assert.Equal(2, trace.Count()));
    }

    [Fact]
    public async Task Request_WithACorrelationId_IsRecordedPastTheRate()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked]);
        await app.GetAsync("/work");
        await app.GetAsync("/work", (CorrelationId.Header, "not valid"));
        await app.GetAsync("/work", (CorrelationId.Header, "demo-0001"));

        var spans = await app.SpansAsync();
        Assert.Equal(["SELECT", "GET /work"], spans.Select(span => span.DisplayName));
        Assert.All(spans, span => Assert.Equal("demo-0001", span.GetTagItem(CorrelationId.Attribute)));
    }

    [Theory]
    [InlineData(Recorded, "false", 2)]
    [InlineData(Recorded, "true", 2)]
    [InlineData(Unrecorded, "false", 0)]
    [InlineData(Unrecorded, "true", 0)]
    public async Task Request_WithATraceParent_FollowsIt(string parent, string edge, int count)
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked, $"--Telemetry:Sampling:Edge={edge}"]);
        await app.GetAsync("/work", ("traceparent", parent));

        var spans = await app.SpansAsync();
        Assert.Equal(count, spans.Length);
        Assert.All(spans, span => Assert.Equal(TraceId, span.TraceId.ToHexString()));
    }

    [Theory]
    [InlineData("false", 0)]
    [InlineData("true", 2)]
    public async Task CorrelationId_BesideAParentThatIsNotRecorded_CountsOnlyWhereStrangersCall(string edge, int count)
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked, $"--Telemetry:Sampling:Edge={edge}"]);
        await app.GetAsync("/work", ("traceparent", Unrecorded), (CorrelationId.Header, "demo-0002"));
        Assert.Equal(count, (await app.SpansAsync()).Length);
    }

    [Fact]
    public async Task Edge_CalledByAServiceInTheBackground_RecordsNothing()
    {
        await using var app = await TracedApp.StartAsync(["--Telemetry:Sampling:Edge=true"]);
        await app.GetAsync("/work", ("traceparent", Unrecorded), ("Jarvis-Service-Key", "k"), (CorrelationId.Header, "demo-0003"));
        Assert.Empty(await app.SpansAsync());
    }

    [Fact]
    public async Task CallersWhoAskForEverything_AreRecordedUpToARate()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked, "--Telemetry:Sampling:Edge=true", "--Telemetry:Sampling:RequestedPerSecond=2"]);
        for (var i = 0; i < 10; i++)
        {
            await app.GetAsync("/work", (CorrelationId.Header, $"demo-{i:0000}"));
            await app.GetAsync("/work", ("traceparent", Recorded));
        }
        Assert.InRange((await app.SpansAsync()).Length, 4, 38);
    }

    [Theory]
    [InlineData("/throws", "GET /throws", 500)]
    [InlineData("/fails/503", "GET /fails/{with:int}", 503)]
    public async Task Request_ThatFailsPastTheRate_IsOneSpanThatSaysSo(string path, string name, int status)
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked]);
        var answer = await app.GetAsync(path);

        var span = Assert.Single(await app.SpansAsync());
        Assert.Equal((name, ActivityKind.Server, ActivityStatusCode.Error), (span.DisplayName, span.Kind, span.Status));
        Assert.Equal((status, path, "GET"), (span.GetTagItem("http.response.status_code"), span.GetTagItem("url.path"), span.GetTagItem("http.request.method")));
        Assert.Equal(("root", "failed"), (span.GetTagItem(LateTraces.Extent), span.GetTagItem(LateTraces.Reason)));
        Assert.Matches("^req-", span.GetTagItem(CorrelationId.Attribute)?.ToString());
        if (answer.Length > 0)
            Assert.Contains(span.GetTagItem(CorrelationId.Attribute)!.ToString()!, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatIsSlowPastTheRate_IsOneSpanThatSaysSo()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked], slowMs: 1);
        await app.GetAsync("/waits");

        var span = Assert.Single(await app.SpansAsync());
        Assert.Equal(("root", "slow", 204), (span.GetTagItem(LateTraces.Extent), span.GetTagItem(LateTraces.Reason), span.GetTagItem("http.response.status_code")));
        Assert.True(span.Duration >= TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData("/work")]
    [InlineData("/fails/404")]
    [InlineData("/streams")]
    public async Task Request_ThatNeitherFailsNorIsSlow_LeavesNothing(string path)
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked], slowMs: path == "/streams" ? 1 : 60_000);
        await app.GetAsync(path);
        Assert.Empty(await app.SpansAsync());
    }

    [Fact]
    public async Task Failures_PastTheirRate_LeaveNothing()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked, "--Telemetry:Sampling:LatePerSecond=2"]);
        for (var i = 0; i < 20; i++)
            await app.GetAsync("/fails/500");
        Assert.InRange((await app.SpansAsync()).Length, 2, 19);
    }

    [Fact]
    public async Task WorkThatOutlivesAFailedRequest_AddsNothingToItsOneSpan()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked]);
        await app.GetAsync("/outlives");
        Assert.Single(await app.SpansAsync());
        app.Later.SetResult();
        await app.Ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Single(await app.SpansAsync());
    }

    [Fact]
    public async Task UnrecordedRequest_TellsTheNextProcessSo_AndIsCorrelatedAllTheSame()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked]);
        var sent = await app.GetAsync("/calls/headers");

        Assert.Matches(@"traceparent: 00-\w{32}-\w{16}-00", sent);
        Assert.Matches("X-Correlation-ID: req-", sent);
        Assert.Matches(@"baggage: correlation\.id\s*=\s*req-", sent);
        Assert.Empty(await app.SpansAsync());
    }

    [Fact]
    public async Task RequestThroughTwoProcesses_IsRecordedInBothOrNeither()
    {
        await using var app = await TracedApp.StartAsync([NoneUnasked]);
        await app.GetAsync("/calls/work");
        Assert.Empty(await app.SpansAsync());
        await app.GetAsync("/calls/work", (CorrelationId.Header, "demo-0004"));

        var spans = await app.SpansAsync();
        Assert.Equal(["SELECT", "GET /work", "GET", "GET /calls/{**path}"], spans.Select(span => span.DisplayName));
        Assert.All(spans, span => Assert.Equal("demo-0004", span.GetTagItem(CorrelationId.Attribute)));
        Assert.Single(spans, span => span.ParentSpanId == default);
    }

    [Theory]
    [InlineData(ActivityKind.Client, 0)]
    [InlineData(ActivityKind.Producer, 0)]
    [InlineData(ActivityKind.Internal, 2)]
    [InlineData(ActivityKind.Consumer, 2)]
    public async Task Work_WithoutARequest_IsATraceOnlyWhenItIsAPieceOfWork(ActivityKind kind, int count)
    {
        await using var app = await TracedApp.StartAsync([]);
        using (TracedApp.Source.StartActivity("begins", kind, parentContext: default))
        using (TracedApp.Source.StartActivity("SELECT", ActivityKind.Client))
        {
        }
        Assert.Equal(count, (await app.SpansAsync()).Length);
    }

    [Fact]
    public async Task HealthChecks_LeaveNothing_AndTakeNothingFromTheRate()
    {
        await using var app = await TracedApp.StartAsync(["--Telemetry:Sampling:TracesPerSecond=1"]);
        for (var i = 0; i < 10; i++)
            await app.GetAsync("/health");
        await app.GetAsync("/work");
        Assert.Equal(2, (await app.SpansAsync()).Length);
    }
}
