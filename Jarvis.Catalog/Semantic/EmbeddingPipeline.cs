using Jarvis.ServiceDefaults.Circuits;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// From outside in: retries (resources only: exponential backoff with jitter, <c>Retry-After</c> honoured), one circuit for all, time limit of
/// each try. An embedding changes nothing at the provider, so that repeating one is always safe.
/// </summary>
public sealed class EmbeddingPipeline
{
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline _once;
    private readonly ResiliencePipeline _patient;

    public EmbeddingPipeline(IOptions<EmbeddingOptions> options, TimeProvider time, CircuitRegistry? circuits = null)
    {
        var embeddings = options.Value;
        var breaker = new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            MinimumThroughput = 6,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(15),
            StateProvider = _circuit,
            // Too many requests are no outage.
            ShouldHandle = args => new(args.Outcome.Exception is TimeoutRejectedException or EmbeddingException { Fault: EmbeddingFault.Unavailable }),
        };
        circuits?.Watch("embeddings", breaker);
        _once = new ResiliencePipelineBuilder { Name = "embeddings", TimeProvider = time }
            .AddCircuitBreaker(breaker)
            .AddTimeout(TimeSpan.FromSeconds(embeddings.TimeoutSeconds))
            .Build();
        var patient = new ResiliencePipelineBuilder { Name = "embeddings", TimeProvider = time };
        if (embeddings.MaxRetries > 0)
            patient.AddRetry(Retry(embeddings));
        _patient = patient.AddPipeline(_once).Build();
    }

    public CircuitState Circuit => _circuit.CircuitState;

    /// <summary>Runs <paramref name="send"/> once or, for resources, several times.</summary>
    /// <exception cref="EmbeddingException">Also for an open circuit and for a try that took too long.</exception>
    public async Task<EmbeddingAnswer> ExecuteAsync(
        EmbeddingPurpose purpose, Func<CancellationToken, ValueTask<EmbeddingAnswer>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await (purpose == EmbeddingPurpose.Document ? _patient : _once).ExecuteAsync(send, cancellationToken);
        }
        catch (BrokenCircuitException open)
        {
            throw new EmbeddingException(EmbeddingFault.CircuitOpen, "it failed several times; no request is sent for a while", open.RetryAfter);
        }
        catch (TimeoutRejectedException slow)
        {
            throw new EmbeddingException(EmbeddingFault.Unavailable, $"it did not answer within {slow.Timeout.TotalSeconds:0} s");
        }
    }

    /// <summary>The wait before a retry, counted from 0: doubled each time, up to a fifth more or less.</summary>
    public static TimeSpan Backoff(EmbeddingOptions options, int retry, double random) =>
        TimeSpan.FromMilliseconds(Math.Min(options.BaseDelayMs * Math.Pow(2, Math.Min(retry, 30)) * (0.8 + (0.4 * random)), options.MaxDelaySeconds * 1_000.0));

    private static RetryStrategyOptions Retry(EmbeddingOptions options) => new()
    {
        MaxRetryAttempts = options.MaxRetries,
        ShouldHandle = args => new(args.Outcome.Exception is TimeoutRejectedException or EmbeddingException { IsTransient: true }),
        DelayGenerator = args => new(args.Outcome.Exception is EmbeddingException { RetryAfter: { } wait } && wait > TimeSpan.Zero
            ? TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds, options.MaxDelaySeconds))
            : Backoff(options, args.AttemptNumber, Random.Shared.NextDouble())),
    };
}
