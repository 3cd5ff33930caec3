using Jarvis.ServiceDefaults.Circuits;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Jarvis.Workflows.N8n;

/// <summary>
/// From outside in: retry of what is safe to repeat (exponential backoff with jitter, <c>Retry-After</c> honoured), circuit breaker, time limit
/// of each try. One for the process, so that every task sees the same circuit.
/// </summary>
public sealed class N8nPipeline
{
    /// <summary>As the registry of circuits has it.</summary>
    public const string CircuitName = "n8n";

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private static readonly ResiliencePropertyKey<bool> IsGet = new("n8n.is_get");

    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline<N8nReply> _pipeline;

    public N8nPipeline(IOptions<N8nOptions> options, TimeProvider time, CircuitRegistry? circuits = null)
    {
        var n8n = options.Value;
        var builder = new ResiliencePipelineBuilder<N8nReply> { Name = "n8n", TimeProvider = time };
        if (n8n.MaxRetries > 0)
            builder.AddRetry(Retry(n8n));
        var breaker = new CircuitBreakerStrategyOptions<N8nReply>
        {
            FailureRatio = n8n.FailureRatio,
            MinimumThroughput = n8n.MinimumThroughput,
            SamplingDuration = TimeSpan.FromSeconds(n8n.SamplingSeconds),
            BreakDuration = TimeSpan.FromSeconds(n8n.BreakSeconds),
            StateProvider = _circuit,
            ShouldHandle = args => new(IsOutage(args.Outcome)),
        };
        circuits?.Watch(CircuitName, breaker, Describe);
        _pipeline = builder
            .AddCircuitBreaker(breaker)
            .AddTimeout(TimeSpan.FromSeconds(n8n.TimeoutSeconds))
            .Build();
    }

    public CircuitState Circuit => _circuit.CircuitState;

    /// <summary>When the next request may try: soon while another one is trying the circuit just now, else when the break is over.</summary>
    public TimeSpan WaitFor(BrokenCircuitException open) =>
        Circuit != CircuitState.HalfOpen && open.RetryAfter is { } wait && wait > ShortestWait ? wait : ShortestWait;

    /// <summary>Runs <paramref name="send"/> once or, where that is safe, several times.</summary>
    /// <exception cref="BrokenCircuitException">The circuit is open: nothing was sent.</exception>
    /// <exception cref="TimeoutRejectedException">The last try took too long: it may have left.</exception>
    public async Task<N8nReply> ExecuteAsync(N8nCall call, Func<CancellationToken, Task<N8nReply>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(IsGet, call.IsGet);
        try
        {
            return await _pipeline.ExecuteAsync(static async (inner, state) => await state(inner.CancellationToken), context, send);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>A refusal is safe to repeat with any method; whatever else went wrong at n8n only where the method changes nothing (GET).</summary>
    public static bool IsSafeToRepeat(bool isGet, Outcome<N8nReply> outcome) => outcome switch
    {
        { Result.IsRefusal: true } => true,
        { Result: { Delivery: Delivery.Lost } or { Status: >= 500 } } => isGet,
        { Exception: TimeoutRejectedException } => isGet,
        _ => false,
    };

    /// <summary>What counts against the circuit.</summary>
    public static bool IsOutage(Outcome<N8nReply> outcome) => outcome switch
    {
        { Exception: TimeoutRejectedException } => true,
        { Result.IsOutage: true } => true,
        _ => false,
    };

    private static string Describe(Outcome<N8nReply> outcome) => outcome.Result switch
    {
        null => "did not answer in time",
        { Delivery: Delivery.Answered } answered => $"answered {answered.Status}",
        { Reason: var reason } => reason,
    };

    /// <summary>The wait before a retry, counted from 0: doubled each time, up to a fifth more or less so that many tasks do not come at once.</summary>
    public static TimeSpan Backoff(N8nOptions n8n, int retry, double random) =>
        TimeSpan.FromMilliseconds(Math.Min(n8n.BaseDelayMs * Math.Pow(2, retry) * (0.8 + (0.4 * random)), n8n.MaxDelaySeconds * 1_000.0));

    private static RetryStrategyOptions<N8nReply> Retry(N8nOptions n8n) => new()
    {
        MaxRetryAttempts = n8n.MaxRetries,
        ShouldHandle = args => new(IsSafeToRepeat(args.Context.Properties.GetValue(IsGet, defaultValue: false), args.Outcome)),
        // Polly's own jitter halves the waits on average, and then n8n's restart would outlast them.
        DelayGenerator = args => new(args.Outcome.Result?.RetryAfter is { } wait && wait > TimeSpan.Zero
            ? TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds, n8n.MaxDelaySeconds))
            : Backoff(n8n, args.AttemptNumber, Random.Shared.NextDouble())),
    };
}
