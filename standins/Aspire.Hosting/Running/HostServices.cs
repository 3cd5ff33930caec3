using Aspire.Hosting.ApplicationModel;
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
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.AddSingleton(provider => new ResourceCommandService(provider.GetRequiredService<Orchestrator>()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddHealthChecks();
    }
}
