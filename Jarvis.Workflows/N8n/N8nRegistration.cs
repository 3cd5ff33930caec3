using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.Workflows.N8n;

public static class N8nRegistration
{
    public static TBuilder AddN8n<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<N8nOptions>().BindConfiguration("N8n").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<N8nPipeline>();
        builder.Services.AddSingleton<RecentOutage>();
        builder.Services.AddSingleton<N8nCaller>();
        // Not a client of the factory: its default pipeline would retry inside of ours.
        builder.Services.AddKeyedSingleton("n8n", (_, _) => CreateHttpClient());
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<N8nClient>(services, services.GetRequiredKeyedService<HttpClient>("n8n")));
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<N8nHealthCheck>(services, services.GetRequiredKeyedService<HttpClient>("n8n")));
        builder.Services.AddHealthChecks().AddCheck<N8nHealthCheck>("n8n", HealthStatus.Degraded, [HealthTags.Part]);
        return builder;
    }

    /// <summary>For n8n only; the pipeline sets the time limit of each try.</summary>
    public static HttpClient CreateHttpClient() => new(new CorrelationHandler(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // Node closes idle connections after 5 s. A POST on one that is just being closed would be lost, and its outcome unknown.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
        AllowAutoRedirect = false,
        UseCookies = false,
    }.WithAllHeaderBytes()))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
