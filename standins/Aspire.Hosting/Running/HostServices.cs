using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

static class HostServices
{
    public static void Add(DistributedApplicationBuilder builder, HostApplicationBuilder host)
    {
        var services = host.Services;
        services.AddSingleton<IDistributedApplicationBuilder>(builder);
        services.AddSingleton(builder.Eventing);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(_ => new DistributedApplicationModel(builder.Resources));
        services.AddSingleton(provider => new ResourceLoggerService
        {
            LoggerFactory = provider.GetRequiredService<ILoggerFactory>(),
            ApplicationName = host.Environment.ApplicationName,
        });
        services.AddSingleton<ResourceNotificationService>();
        services.AddSingleton(_ => new OrphanRegistry(OrphanRegistry.DefaultDirectory));
        services.AddSingleton<States>();
        services.AddSingleton<RunnerServices>();
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.AddSingleton(provider => new ResourceCommandService(provider.GetRequiredService<Orchestrator>()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddHealthChecks();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(15));
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);

        host.Logging.ClearProviders();
        services.AddSingleton<ILoggerProvider, ConsoleLines>();
        host.Logging.AddFilter("Microsoft", LogLevel.Warning);
        host.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        // An unhealthy resource shows in its state; the check's own log would repeat it five times a second.
        host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
    }
}
