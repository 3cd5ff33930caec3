using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Polly.CircuitBreaker;

namespace Jarvis.Workflows.N8n;

/// <summary>Whether n8n answers, and how its circuit stands. Jarvis works without n8n, so the worst it says is degraded.</summary>
public sealed class N8nHealthCheck(HttpClient http, N8nPipeline pipeline, RecentOutage outage, IOptions<N8nOptions> options, TimeProvider time) : IHealthCheck
{
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan ProbeLifetime = TimeSpan.FromSeconds(5);

    private volatile Probe? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!options.Value.IsConfigured)
            return NotConfigured.Result("Give --n8n URL to trigger workflows.");
        var probe = _last;
        if (probe is null || time.GetElapsedTime(probe.At) > ProbeLifetime)
            _last = probe = new(await ProbeAsync(cancellationToken), time.GetTimestamp());
        var circuit = pipeline.Circuit switch
        {
            CircuitState.Closed => "closed",
            CircuitState.Open => "open",
            CircuitState.HalfOpen => "half-open",
            _ => "isolated",
        };
        return probe.Problem is { } problem ? HealthCheckResult.Degraded($"n8n {problem}; circuit {circuit}")
            : circuit == "closed" ? HealthCheckResult.Healthy($"n8n answers; circuit {circuit}")
            : HealthCheckResult.Degraded($"n8n answers; circuit {circuit}");
    }

    private async Task<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ProbeTimeout);
        try
        {
            using var response = await http.GetAsync(options.Value.Address("healthz"), HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.IsSuccessStatusCode ? null : $"answers {(int)response.StatusCode} on /healthz";
        }
        catch (HttpRequestException)
        {
            outage.Seen();
            return "does not answer";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "does not answer in time";
        }
    }

    private sealed record Probe(string? Problem, long At);
}
