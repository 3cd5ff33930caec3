using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Replicas;

internal static class ReplicasRegistration
{
    /// <summary>Registers who knows where the processes of other services are.</summary>
    public static void AddReplicas(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RegistryOptions>().BindConfiguration("Registry").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton<ServiceAddresses>();
        builder.Services.AddTransient<ReplicaHandler>();
        builder.Services.AddHostedService<AddressWatcher>();
    }

    /// <summary>Registers where they are read from: needs Redis.</summary>
    public static void AddRegistryReader(this IServiceCollection services)
    {
        services.TryAddSingleton<AddressRules>();
        services.TryAddSingleton<IRegistryReader, RegistryReader>();
    }

    /// <summary>Before service discovery, which then has nothing left to resolve.</summary>
    public static void AddReplicas(this IHttpClientBuilder http)
    {
        http.ConfigurePrimaryHttpMessageHandler((handler, services) =>
            ReplicaHandler.LimitConnecting(handler, services.GetRequiredService<IOptions<RegistryOptions>>()));
        http.AddHttpMessageHandler<ReplicaHandler>();
    }

    /// <summary>
    /// Past whatever proxy the environment names: these clients ask services of this Jarvis and show them its key, which is nobody else's business. Who asks others
    /// brings a client of its own.
    /// </summary>
    public static void WithoutProxy(this IHttpClientBuilder http) => http.ConfigurePrimaryHttpMessageHandler((handler, _) =>
    {
        if (handler is SocketsHttpHandler sockets)
            sockets.UseProxy = false;
    });
}
