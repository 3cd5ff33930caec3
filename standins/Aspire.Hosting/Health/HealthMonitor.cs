using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Health;

/// <summary>Runs the health checks of every running resource, often until it is healthy and seldom after that.</summary>
sealed class HealthMonitor(
    HealthCheckService checks,
    IOptions<HealthCheckServiceOptions> registrations,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time,
    ILogger<DistributedApplication> logger)
{
    static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan WhileUnhealthy = TimeSpan.FromSeconds(1);
    static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(5);

    readonly HashSet<IResource> _wereReady = [];

    public void Validate(IEnumerable<IResource> resources)
    {
        var known = registrations.Value.Registrations.Select(registration => registration.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            if (resource.Annotations.OfType<HealthCheckAnnotation>().FirstOrDefault(check => !known.Contains(check.Key)) is { } missing)
                throw new DistributedApplicationException($"A health check registration is missing. Resource '{resource.Name}' names '{missing.Key}', which is not registered with AddHealthChecks()");
        }
    }

    /// <summary>Whether the resource has been ready at least once.</summary>
    public bool WasReady(IResource resource)
    {
        lock (_wereReady)
            return _wereReady.Contains(resource);
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        var running = new HashSet<string>(StringComparer.Ordinal);
        var loops = new Dictionary<IResource, CancellationTokenSource>();
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                var isRunning = change.Snapshot.State?.Text == KnownResourceStates.Running;
                if (!(isRunning ? running.Add(change.ResourceId) : running.Remove(change.ResourceId)))
                    continue;
                // A new instance has to prove its health at once, so the checks begin again.
                if (loops.Remove(change.Resource, out var loop))
                    await loop.CancelAsync();
                if (isRunning || (notifications.InstanceIds.GetValueOrDefault(change.Resource) ?? []).Any(running.Contains))
                {
                    loops[change.Resource] = loop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                    _ = CheckAsync(change.Resource, loop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var loop in loops.Values)
                loop.Dispose();
        }
    }

    async Task CheckAsync(IResource resource, CancellationToken stopping)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).ToHashSet(StringComparer.Ordinal);
        Task? ready = null;
        var before = HealthStatus.Healthy;
        try
        {
            while (true)
            {
                var status = keys.Count == 0 ? HealthStatus.Healthy : await ReportAsync(resource, keys, ready is not null && before == HealthStatus.Healthy, stopping);
                if (status == HealthStatus.Healthy && ready is null)
                {
                    ready = ReadyAsync(resource, stopping);
                    await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { Ready = ready });
                }
                else if (status == HealthStatus.Healthy && before != HealthStatus.Healthy)
                {
                    logger.ResourceReady(resource.Name);
                }

                if (keys.Count == 0)
                    return;
                before = status;
                await Task.Delay(status == HealthStatus.Healthy ? WhileHealthy : ready is null ? WhileStarting : WhileUnhealthy, time, stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // The resource no longer runs.
        }
    }

    async Task<HealthStatus> ReportAsync(IResource resource, HashSet<string> keys, bool wasHealthy, CancellationToken stopping)
    {
        var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), stopping);
        stopping.ThrowIfCancellationRequested();
        var now = time.GetUtcNow().UtcDateTime;
        HealthReportSnapshot[] reports = [.. report.Entries.Select(entry => new HealthReportSnapshot(entry.Key, entry.Value.Status, entry.Value.Description, entry.Value.Exception?.ToString()) { LastRunAt = now })];
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { HealthReports = [.. reports] });
        if (wasHealthy && report.Status != HealthStatus.Healthy)
            logger.ResourceUnhealthy(resource.Name, report.Status.ToString().ToLowerInvariant(), string.Join("; ", reports.Where(r => r.Status != HealthStatus.Healthy).Select(r => r.Description ?? r.Name)));
        return report.Status;
    }

    async Task ReadyAsync(IResource resource, CancellationToken stopping)
    {
        logger.ResourceReady(resource.Name);
        lock (_wereReady)
            _wereReady.Add(resource);
        try
        {
            await eventing.PublishAsync(new ResourceReadyEvent(resource, services), stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            logger.HandlerFailed(nameof(ResourceReadyEvent), resource.Name, error);
            throw new DistributedApplicationException($"Dependency resource '{resource.Name}' is healthy, but what had to be done then failed: {error.Message}", error);
        }
    }
}
