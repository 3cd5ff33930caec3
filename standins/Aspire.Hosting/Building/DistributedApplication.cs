using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    bool _disposed;

    public IServiceProvider Services => host.Services;
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Runs until Ctrl+C or a signal, or until it is clear that the application cannot come up; the exit code is 1 then.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        Services.GetRequiredService<Orchestrator>().StopWhenStartFails();
        var logger = Services.GetRequiredService<ILogger<DistributedApplication>>();
        try
        {
            await host.RunAsync(cancellationToken);
        }
        catch (DistributedApplicationException error)
        {
            logger.ApplicationFailed(error.Message);
            Environment.ExitCode = 1;
        }
        finally
        {
            // Running a host to its end disposes it.
            _disposed = true;
        }
    }

    public void Run() => RunAsync().GetAwaiter().GetResult();

    public virtual void Dispose()
    {
        _disposed = true;
        host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops what still runs while the services are there that its subscribers need, then disposes them.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        if (!_disposed)
            await Services.GetRequiredService<Orchestrator>().StopAsync(CancellationToken.None);
        _disposed = true;
        await ((IAsyncDisposable)host).DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
