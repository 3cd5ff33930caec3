using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Endpoints;
using Aspire.Hosting.Health;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Running;

/// <summary>Starts everything in the model, and stops it in the reverse order of who needs whom.</summary>
sealed class Orchestrator(RunnerServices services, DistributedApplicationModel model, HealthMonitor health, IHostApplicationLifetime lifetime) : IHostedService, IAsyncDisposable, IDisposable
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _stopping = new();
    readonly List<EndpointAllocation> _allocations = [];
    readonly List<ProcessRunner> _runners = [];
    PosixSignalRegistration? _hangUp;
    bool _exitWhenStartFails;
    int _failed;
    int _stopped;
    int _disposed;

    public void StopWhenStartFails() => _exitWhenStartFails = true;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        services.Logger.ApplicationStarting();
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            lifetime.StopApplication();
        });
        await services.Registry.StopOrphansAsync(services.Logger.OrphanStopped);
        await services.Eventing.PublishAsync(new BeforeStartEvent(services.Services, model), cancellationToken);
        health.Validate(model.Resources);
        foreach (var resource in model.Resources)
            Prepare(resource);
        _ = health.RunAsync(_stopping.Token);
        foreach (var resource in model.Resources)
        {
            await services.States.PublishUrlsAsync(resource, services.Context, cancellationToken);
            if (resource is IResourceWithEndpoints)
                await services.Eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services.Services), cancellationToken);
        }

        _ = StartResourcesAsync();
        services.Logger.ApplicationStarted();
    }

    /// <summary>Ends everything within ten seconds: level by level, each with what time is left for it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        services.Logger.ApplicationStopping();
        await _stopping.CancelAsync();
        var end = Environment.TickCount64 + 9_000;
        var levels = DependencyOrder.StopLevels(_runners.Select(runner => runner.Resource).Distinct());
        for (var i = 0; i < levels.Count; i++)
        {
            var left = TimeSpan.FromMilliseconds(end - Environment.TickCount64 - 1_500 * (levels.Count - 1 - i));
            var grace = left < Grace ? left > TimeSpan.FromMilliseconds(500) ? left : TimeSpan.FromMilliseconds(500) : Grace;
            await Task.WhenAll(_runners.Where(runner => levels[i].Contains(runner.Resource)).Select(runner => runner.StopAsync(grace)));
        }

        services.Registry.Close();
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName)
    {
        var runners = _runners.Where(runner => string.Equals(runner.Id, resourceId, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (runners.Length == 0)
            runners = [.. _runners.Where(runner => string.Equals(runner.Resource.Name, resourceId, StringComparison.OrdinalIgnoreCase))];
        if (runners.Length != 1)
            return CommandResults.Failure(runners.Length == 0 ? $"Resource '{resourceId}' not found." : $"Resource '{resourceId}' has several instances; name one of them: {string.Join(", ", runners.Select(runner => runner.Id))}.");
        return await ExecuteAsync(runners[0], commandName);
    }

    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName)
    {
        var results = await Task.WhenAll(_runners.Where(runner => runner.Resource == resource).Select(runner => ExecuteAsync(runner, commandName)));
        return results.FirstOrDefault(result => !result.Success) ?? (results.Length > 0 ? results[0] : CommandResults.Failure($"Resource '{resource.Name}' not found."));
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows this object by two registrations.
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await StopAsync(CancellationToken.None);
        _hangUp?.Dispose();
        _runners.ForEach(runner => runner.Dispose());
        _allocations.ForEach(allocation => allocation.Dispose());
        _stopping.Dispose();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    void Prepare(IResource resource)
    {
        var logger = services.Loggers.GetLogger(resource);
        var randomize = services.Builder.Configuration["DcpPublisher:RandomizePorts"] is { } flag && bool.Parse(flag);
        List<EndpointAllocation> endpoints = [];
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            endpoints.Add(EndpointAllocation.Create(resource, endpoint, randomize, logger));
            _allocations.Add(endpoints[^1]);
        }

        if (resource is not (ExecutableResource or ProjectResource or ContainerResource))
            return;
        string[] ids = [.. Enumerable.Range(0, resource.GetReplicaCount()).Select(_ => $"{resource.Name}-{string.Create(8, 0, (name, _) => Random.Shared.GetItems("abcdefghjkmnpqrstuvwxyz", name))}")];
        services.Notifications.InstanceIds[resource] = ids;
        for (var i = 0; i < ids.Length; i++)
            _runners.Add(new ProcessRunner(resource, ids[i], i, endpoints, services, Failed));
    }

    async Task StartResourcesAsync()
    {
        var starts = model.Resources.Where(resource => _runners.TrueForAll(runner => runner.Resource != resource)).Select(InitializeAsync).ToList();
        foreach (var runner in _runners)
        {
            starts.Add(runner.StartAsync(_stopping.Token));
        }

        try
        {
            await Task.WhenAll(starts);
            await services.Eventing.PublishAsync(new AfterResourcesCreatedEvent(services.Services, model), _stopping.Token);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            services.Logger.HandlerFailed(nameof(AfterResourcesCreatedEvent), services.Builder.Environment.ApplicationName, error);
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    /// <summary>Resources that are no process: values run as soon as they are known, custom ones do what they have subscribed to.</summary>
    async Task InitializeAsync(IResource resource)
    {
        try
        {
            await services.Eventing.PublishAsync(new InitializeResourceEvent(resource, services.Eventing, services.Loggers, services.Notifications, services.Services), _stopping.Token);
            if (resource is ConnectionStringResource or ParameterResource)
            {
                await services.Notifications.WaitForDependenciesAsync(resource, _stopping.Token);
                _ = await ((IValueProvider)resource).GetValueAsync(_stopping.Token);
                await services.States.PublishConnectionStringAsync(resource, _stopping.Token);
                await services.States.PublishAsync(resource, resource.Name, KnownResourceStates.Running);
            }
        }
        catch (MissingParameterValueException error) when (resource is not IResourceWithConnectionString)
        {
            // No fault as long as nobody needs it; who does fails with the same words.
            services.Logger.ParameterMissing(error.Message);
            await services.States.PublishAsync(resource, resource.Name, "Value missing");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            services.Logger.ResourceFailed(resource.Name, error.Message);
            await services.States.PublishAsync(resource, resource.Name, KnownResourceStates.FailedToStart);
            Failed(resource);
        }
    }

    async Task<ExecuteCommandResult> ExecuteAsync(ProcessRunner runner, string commandName)
    {
        if (commandName == KnownResourceCommands.StopCommand || commandName == KnownResourceCommands.RestartCommand)
            await runner.StopAsync(Grace);
        else if (commandName != KnownResourceCommands.StartCommand)
            return CommandResults.Failure($"Command '{commandName}' not available for resource '{runner.Id}'.");
        if (commandName == KnownResourceCommands.StopCommand)
            return CommandResults.Success();
        await runner.StartAsync(_stopping.Token);
        return runner.IsRunning ? CommandResults.Success() : CommandResults.Failure($"Resource '{runner.Id}' did not start.");
    }

    /// <summary>An application that runs on its own ends when a part of it never came up; a test looks for itself.</summary>
    void Failed(IResource resource)
    {
        if (!_exitWhenStartFails || health.WasReady(resource) || _stopping.IsCancellationRequested || Interlocked.Exchange(ref _failed, 1) != 0)
            return;
        services.Logger.ApplicationNeeds(resource.Name);
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }
}
