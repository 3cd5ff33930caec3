using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Gateway.Health;

internal static class ServicesHealthApi
{
    public static void AddServicesHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServicesHealthOptions>().BindConfiguration("Health").ValidateDataAnnotations().ValidateOnStart();
        // A bare client: a probe that retries or waits behind an open circuit says nothing about now.
        builder.Services.AddKeyedSingleton(ServicesHealthMonitor.ClientName,
            (_, _) => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) }));
        builder.Services.AddSingleton<ServicesHealthMonitor>();
    }

    public static void MapServicesHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Extensions.HealthPath).AllowAnonymous().WithTags("System");
        group.MapGet("", OverallAsync).WithName("Health")
            .WithSummary("Every service with its state, latency and checks; 503 only when a required one is down");
        group.MapGet("{service}", OneAsync).WithName("ServiceHealth").WithSummary("One service's state");
    }

    private static async Task<Results<Enveloped<OverallHealth>, Failure>> OverallAsync(ServicesHealthMonitor monitor, CancellationToken cancellationToken)
    {
        var health = await monitor.GetAsync(cancellationToken);
        if (health.Status != States.Unhealthy)
            return Enveloped.Ok(health);
        var down = health.Services.Where(service => service.Value is { Required: true, Status: States.Unhealthy }).Select(service => service.Key);
        return Down($"Down: {string.Join(", ", down)}.", ("status", health.Status), ("checked_at", health.CheckedAt), ("services", health.Services));
    }

    private static async Task<Results<Enveloped<ServiceHealth>, Failure>> OneAsync(
        string service, ServicesHealthMonitor monitor, CancellationToken cancellationToken)
    {
        var all = await monitor.GetAsync(cancellationToken);
        if (!all.Services.TryGetValue(service, out var health))
            return Failure.NotFound($"No service is named '{service}'. There are: {string.Join(", ", all.Services.Keys)}.");
        if (health.Status != States.Unhealthy)
            return Enveloped.Ok(health);
        return Down($"The {service} service is down.", ("service", service), ("status", health.Status), ("since", health.Since), ("checks", health.Checks));
    }

    private static Failure Down(string detail, params (string Name, object Value)[] extensions) =>
        new(ErrorCode.ServiceUnavailable, detail)
        {
            RetryAfter = TimeSpan.FromSeconds(2),
            Extensions = extensions.ToDictionary(member => member.Name, object? (member) => member.Value, StringComparer.Ordinal),
        };
}
