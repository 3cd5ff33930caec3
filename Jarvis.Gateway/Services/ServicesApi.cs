using Jarvis.Gateway.Antigravity;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Circuits;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Services;

/// <summary>What the gateway knows and does about all processes of Jarvis: <c>services</c>, <c>circuit-breakers</c>, <c>cache</c>, <c>antigravity</c>.</summary>
internal static class ServicesApi
{
    /// <summary>What every request that is passed on needs.</summary>
    public static void AddServiceCalls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServiceOptions>().BindConfiguration("Services").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ServiceCalls>();
    }

    public static void AddServices(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKeyedSingleton(ControlPlane.ClientName, (provider, _) => ControlPlane.CreateClient(provider.GetRequiredService<IOptions<SecurityOptions>>().Value));
        builder.Services.AddSingleton<ControlPlane>();
        builder.Services.AddSingleton<ServicesDirectory>();
        builder.Services.AddSingleton<CircuitsOfAll>();
        builder.Services.AddSingleton<ICircuitDecisionStore, CircuitDecisionStore>();
        builder.Services.AddSingleton<ICircuitDecisions, KeptDecisions>();
        builder.Services.AddControlHandler<object, IReadOnlyList<CircuitDecision>>(
            CircuitCommands.Decisions, (services, _, cancellationToken) => services.GetRequiredService<ICircuitDecisionStore>().ReadAsync(cancellationToken));
        builder.Services.AddSingleton<AntigravityStatus>();
        builder.Services.AddControlHandler<object, IReadOnlyList<ServiceFigures>>(
            ServicesDirectory.FiguresKind, (services, _, _) => Task.FromResult(services.GetRequiredService<ServiceCalls>().Figures()));
    }

    /// <summary>Below <paramref name="routes"/>, the group of <c>/api/v2</c>.</summary>
    public static void MapServices(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/services", async (ServicesDirectory services, CancellationToken cancellationToken) => Enveloped.Ok(await services.GetAsync(cancellationToken)))
            .RequireAuthorization(Policies.Viewer).WithTags("System")
            .WithName("list-services").WithSummary("Every service with health, processes, latency, error rate and circuit");
        routes.MapCircuits();
        routes.MapCaches(AuditAsync);
        routes.MapAntigravity();
    }

    /// <summary>Before it is done: what the audit log cannot take is not done.</summary>
    private static Task AuditAsync(HttpContext context, string? name, CancellationToken cancellationToken) =>
        context.RequestServices.GetRequiredService<IAuditLog>().WriteAsync(
            context, new AuditEntry("cache.clear", AuditLog.Success) { Target = name ?? "all", Detail = "asked of every process" }, cancellationToken);
}
