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
        var isolated = await _circuits.IsolateAsync("n8n", "maintenance", held: true, CancellationToken.None);
        Assert.Equal(("isolated", "maintenance", _clock.GetUtcNow()), (isolated!.State, isolated.Reason, isolated.Since));
        await _circuits.IsolateAsync("n8n", "still", held: true, CancellationToken.None);
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => RunAsync(pipeline, "fine"));

        _clock.Advance(TimeSpan.FromSeconds(3));
        var reset = await _circuits.ResetAsync("n8n", CancellationToken.None);
        Assert.Equal(("closed", null, _clock.GetUtcNow()), (reset!.State, reset.Reason, reset.Since));
        await RunAsync(pipeline, "fine");
        Assert.Equal(["isolated", "closed"], _changes);
    }

    [Fact]
    public async Task Isolate_BeforeThePipelineIsBuilt_Holds()
    {
        var options = Options();
        _circuits.Watch("n8n", options, outcome => $"said {outcome.Result}");
        Assert.Equal("isolated", (await _circuits.IsolateAsync("n8n", null, held: false, CancellationToken.None))!.State);
        var pipeline = new ResiliencePipelineBuilder<string> { TimeProvider = _clock }.AddCircuitBreaker(options).Build();
        await Assert.ThrowsAsync<IsolatedCircuitException>(() => RunAsync(pipeline, "fine"));
        await _circuits.ResetAsync("n8n", CancellationToken.None);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task Reset_OfAClosedCircuit_ChangesNothing()
    {
        Pipeline();
        var since = Report().Since;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(since, (await _circuits.ResetAsync("n8n", CancellationToken.None))!.Since);
        Assert.Empty(_changes);
    }

    [Fact]
    public async Task Reset_OfAnOpenCircuit_ClosesIt()
    {
        var pipeline = Pipeline();
        await RunAsync(pipeline, "bad");
        await RunAsync(pipeline, "bad");
        await Assert.ThrowsAsync<BrokenCircuitException>(() => RunAsync(pipeline, "fine"));
        Assert.Equal("closed", (await _circuits.ResetAsync("n8n", CancellationToken.None))!.State);
        await RunAsync(pipeline, "fine");
    }

    [Fact]
    public async Task Circuit_ThatIsUnknown_IsNull()
    {
        Assert.Null(await _circuits.ResetAsync("nobody", CancellationToken.None));
        Assert.Null(await _circuits.IsolateAsync("nobody", null, held: false, CancellationToken.None));
    }

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
