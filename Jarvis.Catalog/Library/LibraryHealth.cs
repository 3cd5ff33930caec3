using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.Catalog.Library;

internal sealed class LibraryHealth(CatalogStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (store.Current is not { } snapshot)
            return Task.FromResult(HealthCheckResult.Unhealthy("first scan is running"));
        var absent = snapshot.Sources.Where(source => source.State != SourceState.Ready).Select(source => source.Name).ToList();
        return Task.FromResult(absent.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"cannot read {string.Join(", ", absent)}; see GET /api/v2/catalog/sources"));
    }
}
