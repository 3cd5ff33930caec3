using Jarvis.ServiceDefaults.Circuits;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.CircuitBreaker;

namespace Jarvis.ServiceDefaults.Tests.Circuits;

public sealed class CircuitRegistryTests : IDisposable
{
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(5);
    private readonly Clock _clock = new();
    private readonly CircuitRegistry _circuits;
    private readonly List<string> _changes = [];

    public CircuitRegistryTests()
    {
        _circuits = new(new("workflows", "0a1b2c3d", "1", _clock.GetUtcNow()), _clock, NullLogger<CircuitRegistry>.Instance);
        _circuits.Changed += (_, change) => _changes.Add(change.Report.State);
    }

    public void Dispose() => _circuits.Dispose();

    [Fact]
    public async Task Circuit_FromClosedToOpenToHalfOpenToClosed_SaysSinceWhenAndUntilWhen()
    {
        var pipeline = Pipeline();
        await RunAsync(pipeline, "fine");
        Assert.Equal(("closed", 0L, 1L), (Report().State, Report().Failures, Report().Successes));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await RunAsync(pipeline, "bad");

        var open = Report();
        Assert.Equal(("workflows", "0a1b2c3d", "n8n", "open", 1L), (open.Service, open.Instance, open.Name, open.State, open.Failures));
        Assert.Equal((_clock.GetUtcNow(), _clock.GetUtcNow() + Break), (open.Since, open.NextProbeAt));
        Assert.Equal(("said bad", _clock.GetUtcNow()), (open.LastFailure, open.LastFailureAt));

        _clock.Advance(Break);
        await RunAsync(pipeline, "fine");
        Assert.Equal(("closed", _clock.GetUtcNow(), null), (Report().State, Report().Since, Report().NextProbeAt));
        Assert.Equal(["open", "half_open", "closed"], _changes);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0L, 0L, "said bad"), (Report().Failures, Report().Successes, Report().LastFailure));
    }

    [Fact]
    public async Task Isolate_UntilReset_LetsNothingThrough()
    {
        var pipeline = Pipeline();
        _clock.Advance(TimeSpan.FromSeconds(3));
        var isolated = await _circuits.IsolateAsync("n8n", "maintenance", revision: 0, CancellationToken.None);
        Assert.Equal(("isolated", "maintenance", _clock.GetUtcNow()), (isolated!.State, isolated.Reason, isolated.Since));
        await _circuits.IsolateAsync("n8n", "still", revision: 0, CancellationToken.None);
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => RunAsync(pipeline, "fine"));

        _clock.Advance(TimeSpan.FromSeconds(3));
        var reset = await _circuits.ResetAsync("n8n", 0, CancellationToken.None);
        Assert.Equal(("closed", null, _clock.GetUtcNow()), (reset!.State, reset.Reason, reset.Since));
        await RunAsync(pipeline, "fine");
        Assert.Equal(["isolated", "closed"], _changes);
    }

    [Fact]
    public async Task Isolate_BeforeThePipelineIsBuilt_Holds()
    {
        var options = Options();
        _circuits.Watch("n8n", options, outcome => $"said {outcome.Result}");
        Assert.Equal("isolated", (await _circuits.IsolateAsync("n8n", null, revision: 0, CancellationToken.None))!.State);
        var pipeline = new ResiliencePipelineBuilder<string> { TimeProvider = _clock }.AddCircuitBreaker(options).Build();
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => RunAsync(pipeline, "fine"));
        await _circuits.ResetAsync("n8n", 0, CancellationToken.None);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task Reset_OfAClosedCircuit_ChangesNothing()
    {
        Pipeline();
        var since = Report().Since;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(since, (await _circuits.ResetAsync("n8n", 0, CancellationToken.None))!.Since);
        Assert.Empty(_changes);
    }

    [Fact]
    public async Task Reset_OfAnOpenCircuit_ClosesIt()
    {
        var pipeline = Pipeline();
        await RunAsync(pipeline, "bad");
        await RunAsync(pipeline, "bad");
        await Assert.ThrowsAsync<BrokenCircuitException>(() => RunAsync(pipeline, "fine"));
        Assert.Equal("closed", (await _circuits.ResetAsync("n8n", 0, CancellationToken.None))!.State);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task IsolateAndReset_ThatCross_AreOneAfterTheOther()
    {
        var (isolating, go) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var options = Options();
        options.OnOpened = async _ =>
        {
            isolating.SetResult();
            await go.Task;
        };
        _circuits.Watch("n8n", options, outcome => $"said {outcome.Result}");
        var pipeline = new ResiliencePipelineBuilder<string> { TimeProvider = _clock }.AddCircuitBreaker(options).Build();
        var isolate = _circuits.IsolateAsync("n8n", "maintenance", revision: 1, CancellationToken.None);
        await isolating.Task;
        var reset = _circuits.ResetAsync("n8n", 2, CancellationToken.None);
        // The isolation is not done yet, and the reset waits for that.
        Assert.Equal("maintenance", Report().Reason);
        go.SetResult();
        await isolate;
        Assert.Equal("closed", (await reset)!.State);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task Decision_OlderThanTheLastOne_ChangesNothing()
    {
        var pipeline = Pipeline();
        await _circuits.IsolateAsync("n8n", "maintenance", revision: 7, CancellationToken.None);
        Assert.Equal("isolated", (await _circuits.ResetAsync("n8n", 6, CancellationToken.None))!.State);
        await FollowAsync(new("workflows/n8n", false, null, _clock.GetUtcNow(), 6));
        Assert.Equal("isolated", Report().State);
        await FollowAsync(new("workflows/n8n", false, null, _clock.GetUtcNow(), 8));
        await RunAsync(pipeline, "fine");
        await _circuits.IsolateAsync("n8n", "late", revision: 7, CancellationToken.None);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task Decision_ThatACircuitIsReset_LeavesOneThatOpenedByItselfOpen_ButItsCommandClosesIt()
    {
        var pipeline = Pipeline();
        await RunAsync(pipeline, "bad");
        await RunAsync(pipeline, "bad");
        await FollowAsync(new("workflows/n8n", false, null, _clock.GetUtcNow(), 3));
        Assert.Equal("open", Report().State);
        Assert.Equal("closed", (await _circuits.ResetAsync("n8n", 3, CancellationToken.None))!.State);
    }

    [Fact]
    public async Task Circuit_ThatIsUnknown_IsNull()
    {
        Assert.Null(await _circuits.ResetAsync("nobody", 0, CancellationToken.None));
        Assert.Null(await _circuits.IsolateAsync("nobody", null, revision: 0, CancellationToken.None));
    }

    private Task FollowAsync(CircuitDecision decision) => _circuits.Circuits.Single().FollowAsync(decision, CancellationToken.None);

    private static CircuitBreakerStrategyOptions<string> Options() => new()
    {
        FailureRatio = 0.5,
        MinimumThroughput = 2,
        SamplingDuration = TimeSpan.FromSeconds(30),
        BreakDuration = Break,
        ShouldHandle = args => new(args.Outcome.Result == "bad"),
    };

    private static async Task RunAsync(ResiliencePipeline<string> pipeline, string answer) => await pipeline.ExecuteAsync(_ => new ValueTask<string>(answer));

    private ResiliencePipeline<string> Pipeline()
    {
        var options = Options();
        _circuits.Watch("n8n", options, outcome => $"said {outcome.Result}");
        return new ResiliencePipelineBuilder<string> { TimeProvider = _clock }.AddCircuitBreaker(options).Build();
    }

    private CircuitReport Report() => Assert.Single(_circuits.Reports());
}
