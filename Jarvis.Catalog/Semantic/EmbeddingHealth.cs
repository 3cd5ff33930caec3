using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>Searches without vectors are lexical, so the worst that it says is degraded. It asks the provider nothing: that might cost money.</summary>
internal sealed class EmbeddingHealth(EmbeddingState state, EmbeddingPipeline pipeline, IOptions<EmbeddingOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(!options.Value.IsConfigured ? NotConfigured.Result("Name a model (Embeddings:Model) to search by meaning.")
            : state.Failing is { } reason ? HealthCheckResult.Degraded(reason)
            : pipeline.Circuit != Polly.CircuitBreaker.CircuitState.Closed ? HealthCheckResult.Degraded("The embedding provider fails; searches are lexical.")
            : HealthCheckResult.Healthy());
}
