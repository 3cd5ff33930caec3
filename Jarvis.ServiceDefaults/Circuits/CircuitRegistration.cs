using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Circuits;

public static class CircuitRegistration
{
    /// <summary>Registers the registry of this process' circuits, and what the process answers about them.</summary>
    public static TBuilder AddCircuits<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddControl();
        builder.Services.TryAddSingleton<CircuitRegistry>();
        builder.Services.TryAddSingleton<DestinationCircuits.Destinations>();
        builder.Services.AddCircuitCommands();
        return builder;
    }

    /// <summary>Registers what ties the circuits of all replicas together: Redis must be registered. Who knows the decisions at first hand registers that before.</summary>
    public static TBuilder AddCircuitSync<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton<CarriedDecisions>();
        builder.Services.AddHttpClient(HeardDecisions.ClientName);
        builder.Services.TryAddSingleton<ICircuitDecisions, HeardDecisions>();
        builder.Services.AddHostedService<CircuitSync>();
        return builder;
    }
}
