using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;

namespace Jarvis.ServiceDefaults.Circuits;

public static class CircuitRegistration
{
    /// <summary>The one circuit that all clients of a process' <see cref="IHttpClientFactory"/> share: their default pipeline is one.</summary>
    public const string HttpClients = "http";

    /// <summary>Registers the registry of this process' circuits, and what the process answers about them.</summary>
    public static TBuilder AddCircuits<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddControl();
        builder.Services.TryAddSingleton<CircuitRegistry>();
        builder.Services.AddCircuitCommands();
        return builder;
    }

    /// <summary>Registers what ties the circuits of all replicas together: Redis must be registered.</summary>
    public static TBuilder AddCircuitSync<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton<CircuitHolds>();
        builder.Services.AddHostedService<CircuitSync>();
        return builder;
    }

    /// <summary>Takes the circuit of a standard pipeline into the registry.</summary>
    public static IHttpStandardResiliencePipelineBuilder Watched(this IHttpStandardResiliencePipelineBuilder pipeline, string name)
    {
        pipeline.Services.AddOptions<HttpStandardResilienceOptions>(pipeline.PipelineName)
            .Configure<CircuitRegistry>((options, circuits) => circuits.Watch(name, options.CircuitBreaker));
        return pipeline;
    }
}
