using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Endpoints;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>What every runner needs.</summary>
sealed record RunnerServices(
    IDistributedApplicationBuilder Builder,
    IServiceProvider Services,
    DistributedApplicationExecutionContext Context,
    IDistributedApplicationEventing Eventing,
    ResourceNotificationService Notifications,
    ResourceLoggerService Loggers,
    States States,
    OrphanRegistry Registry,
    ILogger<DistributedApplication> Logger);

/// <summary>One process of a project or an executable: waits, starts it, watches it, stops it.</summary>
sealed class ProcessRunner(IResource resource, string id, int instance, IReadOnlyList<EndpointAllocation> endpoints, RunnerServices services, Action<IResource> failed) : IDisposable
{
    readonly SemaphoreSlim _gate = new(1, 1);
    CancellationTokenSource _run = new();
    ChildProcess? _process;
    Task _watch = Task.CompletedTask;
    bool _stopping;

    public IResource Resource => resource;
    public string Id => id;
    public bool IsRunning => _process is not null;

    /// <summary>Returns when the process runs or cannot run; what went wrong is in the resource's state.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (IsRunning)
                return;
            _stopping = false;
            _run.Dispose();
            _run = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await LaunchAsync(_run.Token);
        }
        catch (OperationCanceledException)
        {
            await services.States.PublishAsync(resource, id, KnownResourceStates.Exited);
        }
        catch (Exception error)
        {
            if (error is not DistributedApplicationException)
                services.Loggers.GetLogger(resource).HandlerFailed("start", resource.Name, error);
            services.Logger.ResourceFailed(resource.Name, error.Message);
            await services.States.PublishAsync(resource, id, KnownResourceStates.FailedToStart);
            failed(resource);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task StopAsync(TimeSpan grace)
    {
        // Whoever holds the gate may be waiting for a dependency.
        await _run.CancelAsync();
        await _gate.WaitAsync();
        try
        {
            if (_process is not { } process)
                return;
            _stopping = true;
            await services.States.PublishAsync(resource, id, KnownResourceStates.Stopping);
            await process.StopAsync(grace);
            await _watch;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _process?.Dispose();
        _run.Dispose();
        _gate.Dispose();
    }

    async Task LaunchAsync(CancellationToken cancellationToken)
    {
        if (endpoints.Select(endpoint => endpoint.Error).FirstOrDefault(error => error is not null) is { } error)
            throw new DistributedApplicationException(error);
        var waits = resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name).Distinct().ToArray();
        await services.States.PublishAsync(resource, id, waits.Length > 0 ? KnownResourceStates.Waiting : KnownResourceStates.Starting);
        await services.States.PublishConnectionStringAsync(resource, cancellationToken);
        if (waits.Length > 0)
        {
            var dependencies = string.Join(", ", waits);
            services.Logger.ResourceWaiting(id, dependencies);
            await services.Notifications.WaitForDependenciesAsync(resource, cancellationToken);
            await services.States.PublishAsync(resource, id, KnownResourceStates.Starting);
        }

        await services.Eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services.Services), cancellationToken);
        if (resource is ContainerResource)
            throw new DistributedApplicationException("It is a container, and this AppHost was built without Aspire's orchestrator, which alone can run containers. Build with the real Aspire packages, or give a connection string");

        var spec = await ProcessSpec.CreateAsync(resource, id, instance, endpoints, services.Context, services.Builder, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var endpoint in endpoints)
            await endpoint.OpenAsync(cancellationToken);
        var logger = services.Loggers.GetLogger(resource);
        _process = ChildProcess.Start(spec.Command, spec.Arguments, spec.WorkingDirectory, spec.Environment, (text, isError) =>
        {
            if (isError)
                logger.ErrorLine(text);
            else
                logger.OutputLine(text);
        });
        services.Registry.Add(resource.Name, _process.Id);
        var urls = string.Join(' ', endpoints.Select(endpoint => endpoint.Endpoint.AllocatedEndpoint!.UriString));
        services.Logger.ResourceRunning(id, _process.Id, urls);
        await services.States.PublishAsync(resource, id, KnownResourceStates.Running);
        _watch = WatchAsync(_process);
    }

    async Task WatchAsync(ChildProcess process)
    {
        var exitCode = await process.Exited;
        services.Registry.Remove(process.Id);
        process.Dispose();
        _process = null;
        if (_stopping)
            services.Logger.ResourceStopped(id);
        else if (exitCode == 0)
            services.Logger.ResourceFinished(id);
        else
            services.Logger.ResourceCrashed(id, exitCode);
        await services.States.PublishAsync(resource, id, _stopping ? KnownResourceStates.Exited : KnownResourceStates.Finished, exitCode);
        if (!_stopping && exitCode != 0)
            failed(resource);
        if (services.Notifications.TryGetCurrentState(id, out var state))
            await services.Eventing.PublishAsync(new ResourceStoppedEvent(resource, services.Services, state));
    }
}
