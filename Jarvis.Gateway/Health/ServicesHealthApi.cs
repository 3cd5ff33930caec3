using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Jarvis.Gateway.Health;

internal static class ServicesHealthApi
{
    public static void AddServicesHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServicesHealthOptions>().BindConfiguration("Health").ValidateDataAnnotations().ValidateOnStart();
        // A bare client: a probe that retries or waits behind an open circuit says nothing about now.
        builder.Services.AddKeyedSingleton(ServicesHealthMonitor.ClientName,
            (_, _) => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1), UseProxy = false }));
        builder.Services.AddSingleton<OwnHealth>();
        builder.Services.AddSingleton<SharedSince>();
        builder.Services.AddSingleton<ServicesHealthMonitor>();
    }

    /// <summary>For anybody, since who runs Jarvis has to know before anybody can sign in; details are for those who are.</summary>
    public static void MapServicesHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Extensions.HealthPath).WithTags("System").AllowAnonymous();
        group.MapGet("", OverallAsync).WithName("health")
            .WithSummary("Every service and what they depend on, with state, latency and since when; 503 only when something required is down")
            .WithError(ErrorCode.ServiceUnavailable, "Down: catalog.", new() { ["health"] = "unhealthy", ["checked_at"] = "2026-11-20T09:30:00.1234567Z", ["services"] = new JsonObject() });
        group.MapGet("{service}", OneAsync).WithName("service-health").WithSummary("The state of one service, or of one thing that services depend on")
            .AddOpenApiOperationTransformer((_, context, _) =>
            {
                // The framework writes the first of several shapes out, and takes what may be absent for required.
                if (context.Document!.Components!.Schemas!["EnvelopeOfServiceHealth"] is OpenApiSchema envelope)
                    envelope.Properties!["data"] = new OpenApiSchemaReference(nameof(ServiceHealth), context.Document);
                return Task.CompletedTask;
            })
            .WithPath("service", "The service's name, or that of what services depend on.", "catalog")
            .WithError(ErrorCode.ResourceNotFound, "No service is named 'cellar'. There are: catalog, telemetry, workflows.")
            .WithError(ErrorCode.ServiceUnavailable, "The catalog service is down.", new() { ["service"] = "catalog", ["health"] = "unhealthy", ["since"] = "2026-11-20T09:29:12.5Z", ["checks"] = new JsonObject() });
    }

    private static async Task<Results<Enveloped<OverallHealth>, Failure>> OverallAsync(HttpContext context, ServicesHealthMonitor monitor, CancellationToken cancellationToken)
    {
        var health = await AskAsync(context, monitor, cancellationToken);
        if (health.Status != States.Unhealthy)
            return Enveloped.Ok(health);
        var down = health.Services.Where(service => service.Value is { Required: true, Status: States.Unhealthy }).Select(service => service.Key)
            .Concat(health.Parts.Where(part => part.Value is { Required: true, Status: States.Unhealthy }).Select(part => part.Key));
        return Down($"Down: {string.Join(", ", down)}.", ("health", health.Status), ("checked_at", health.CheckedAt), ("services", health.Services), ("parts", health.Parts));
    }

    private static async Task<Results<Enveloped<ServiceHealth>, Enveloped<PartHealth>, Failure>> OneAsync(
        string service, HttpContext context, ServicesHealthMonitor monitor, CancellationToken cancellationToken)
    {
        var all = await AskAsync(context, monitor, cancellationToken);
        if (all.Services.TryGetValue(service, out var health))
        {
            return health.Status != States.Unhealthy ? Enveloped.Ok(health)
                : Down($"The {service} service is down.", ("service", service), ("health", health.Status), ("since", health.Since), ("checks", health.Checks));
        }
        if (all.Parts.TryGetValue(service, out var part))
        {
            return part.Status != States.Unhealthy ? Enveloped.Ok(part)
                : Down($"{service} is down.", ("service", service), ("health", part.Status), ("since", part.Since), ("used_by", part.UsedBy));
        }
        var asked = service.Length <= 100 ? service : $"{service[..100]}…";
        return Failure.NotFound($"No service is named '{asked}'. There are: {string.Join(", ", all.Services.Keys.Concat(all.Parts.Keys))}.");
    }

    private static async Task<OverallHealth> AskAsync(HttpContext context, ServicesHealthMonitor monitor, CancellationToken cancellationToken)
    {
        var health = await monitor.GetAsync(cancellationToken);
        return context.Caller() is null ? health.Public() : health;
    }

    private static Failure Down(string detail, params (string Name, object Value)[] extensions) =>
        new(ErrorCode.ServiceUnavailable, detail)
        {
            RetryAfter = TimeSpan.FromSeconds(2),
            Extensions = extensions.ToDictionary(member => member.Name, object? (member) => member.Value, StringComparer.Ordinal),
        };
}
