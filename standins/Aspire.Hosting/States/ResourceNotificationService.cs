using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the newest snapshot of each resource instance and tells everyone who watches.</summary>
public class ResourceNotificationService : IDisposable
{
    readonly Lock _gate = new();
    readonly Dictionary<(IResource Resource, string Id), CustomResourceSnapshot> _snapshots = [];
    readonly List<Channel<ResourceEvent>> _watchers = [];
    readonly CancellationTokenSource _disposed = new();
    readonly CancellationToken _stopping;

    public ResourceNotificationService(ILogger<ResourceNotificationService> logger, IHostApplicationLifetime hostApplicationLifetime, IServiceProvider serviceProvider, ResourceLoggerService resourceLoggerService) =>
        _stopping = hostApplicationLifetime.ApplicationStopping;

    internal ConcurrentDictionary<IResource, string[]> InstanceIds { get; } = [];

    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        foreach (var id in InstanceIds.GetValueOrDefault(resource) ?? [resource.Name])
            Publish(resource, id, stateFactory);
        return Task.CompletedTask;
    }

    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        Publish(resource, resourceId, stateFactory);
        return Task.CompletedTask;
    }

    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
        {
            var found = _snapshots.Where(entry => string.Equals(entry.Key.Id, resourceId, StringComparison.OrdinalIgnoreCase)).ToArray();
            if (found.Length == 0)
                found = [.. _snapshots.Where(entry => string.Equals(entry.Key.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase))];
            resourceEvent = found is [var (key, snapshot)] ? new ResourceEvent(key.Resource, key.Id, snapshot) : null;
        }

        return resourceEvent is not null;
    }

    /// <summary>Every snapshot there is, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_gate)
        {
            foreach (var ((resource, id), snapshot) in _snapshots)
                channel.Writer.TryWrite(new ResourceEvent(resource, id, snapshot));
            _watchers.Add(channel);
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(linked.Token))
                yield return change;
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(channel);
        }
    }

    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping);
        await foreach (var change in WatchAsync(linked.Token))
        {
            if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
                return change;
        }

        throw new OperationCanceledException($"The operation was cancelled before the resource '{resourceName}' met the predicate condition.");
    }

    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        string[] states = [.. targetStates];
        var change = await WaitForResourceAsync(resourceName, e => e.Snapshot.State is { } state && states.Contains(state.Text, StringComparer.OrdinalIgnoreCase), cancellationToken);
        return change.Snapshot.State!.Text;
    }

    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.StopOnResourceUnavailable, cancellationToken);

    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var change = await WaitForResourceAsync(resourceName, e => e.Snapshot.HealthStatus == HealthStatus.Healthy
            || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsTerminal(e.Snapshot)), cancellationToken);
        if (change.Snapshot.HealthStatus != HealthStatus.Healthy)
            throw new DistributedApplicationException($"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start: {Describe(change.Snapshot)}.");
        return change;
    }

    /// <summary>Waits for everything that the resource's <see cref="WaitAnnotation"/>s name; throws when one of them has failed.</summary>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (!resource.TryGetAnnotationsOfType<WaitAnnotation>(out var waits))
            return;
        await Task.WhenAll(waits.Select(wait => WaitUntilReadyAsync(wait, cancellationToken)));
    }

    public void Dispose()
    {
        _disposed.Cancel();
        GC.SuppressFinalize(this);
    }

    async Task WaitUntilReadyAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var stopWhenUnavailable = wait.WaitBehavior != WaitBehavior.WaitOnResourceUnavailable;
        var name = wait.Resource.Name;
        var running = await WaitForResourceAsync(name, e => e.Snapshot.State?.Text == KnownResourceStates.Running
            || (stopWhenUnavailable && IsTerminal(e.Snapshot)), cancellationToken);
        if (IsTerminal(running.Snapshot))
            throw new DistributedApplicationException($"Dependency resource '{name}' failed to start: {Describe(running.Snapshot)}.");

        var ready = await WaitForResourceAsync(name, e => (e.Snapshot.HealthStatus == HealthStatus.Healthy && e.Snapshot.Ready is not null)
            || (stopWhenUnavailable && IsTerminal(e.Snapshot)), cancellationToken);
        if (IsTerminal(ready.Snapshot))
            throw new DistributedApplicationException($"Dependency resource '{name}' ended before it was healthy: {Describe(ready.Snapshot)}.");
        await ready.Snapshot.Ready!.WaitAsync(cancellationToken);
    }

    void Publish(IResource resource, string id, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        lock (_gate)
        {
            var previous = _snapshots.GetValueOrDefault((resource, id)) ?? Initial(resource);
            var next = change(previous);
            _snapshots[(resource, id)] = next;
            var published = new ResourceEvent(resource, id, next);
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(published);
        }
    }

    static CustomResourceSnapshot Initial(IResource resource)
    {
        var initial = resource.TryGetLastAnnotation<ResourceSnapshotAnnotation>(out var annotation)
            ? annotation.InitialSnapshot
            : new CustomResourceSnapshot { ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal), Properties = [] };
        return initial with { HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, Status: null, Description: null, ExceptionText: null))] };
    }

    static bool IsTerminal(CustomResourceSnapshot snapshot) => snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text);

    static string Describe(CustomResourceSnapshot snapshot) => snapshot.ExitCode is { } code ? $"{snapshot.State?.Text}, exit code {code}" : $"{snapshot.State?.Text}";
}
