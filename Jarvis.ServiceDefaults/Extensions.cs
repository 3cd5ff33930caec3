using Jarvis.ServiceDefaults;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Logging;
using Jarvis.ServiceDefaults.Observability;
using Jarvis.ServiceDefaults.Observability.Sampling;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Replicas;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of Jarvis does alike, in the shape of Aspire's own service defaults.</summary>
public static class Extensions
{
    public const string HealthPath = "/health";
    public const string AlivePath = "/alive";

    /// <summary>Telemetry, health, discovery, resilience; the envelope, problems, correlation and JSON rules.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        // Background work catches what its neighbours can do to it. What gets past that is a defect, and half of a service that goes on as
        // if nothing were amiss is worse than a process that ends and is started again. The framework's default, said here so that nobody
        // has to look it up.
        builder.Services.Configure<HostOptions>(
            host => host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost);
        builder.AddJsonConsole();
        builder.AddRedaction();
        builder.AddLogExport();
        builder.ConfigureOpenTelemetry();
        builder.AddDefaultHealthChecks();
        builder.AddEnvelope();
        builder.AddShutdown();
        builder.AddRequestLimits();
        builder.AddHeaderEncoding();
        builder.AddSecurity();
        builder.AddCircuits();
        builder.AddCaches();
        builder.AddReplicas();

        builder.Services.AddTransient<CorrelationHandler>();
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddDestinationCircuits();
            http.WithoutProxy();
            http.AddHttpMessageHandler<ServiceKeyHandler>();
            http.AddReplicas();
            http.AddServiceDiscovery();
            http.AddHttpMessageHandler<CorrelationHandler>();
        });
        return builder;
    }

    public static TBuilder AddDefaultHealthChecks<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        return builder;
    }

    /// <summary>
    /// The middleware of every service, in the one order that works: correlation outside, problems inside it, then who asks, then routes and their policies. The
    /// gateway, which knows callers in more ways, says what comes before a route is chosen itself (<paramref name="beforeRouting"/>). What bounds bodies comes
    /// when the caller is known and before anything of a body is read (<paramref name="beforeBody"/>).
    /// </summary>
    public static WebApplication UseServiceDefaults(
        this WebApplication app, Action<IApplicationBuilder>? beforeRouting = null, Action<IApplicationBuilder>? beforeBody = null)
    {
        app.UseMiddleware<LateTraceMiddleware>();
        app.UseMiddleware<CorrelationMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        // What answers GET answers HEAD (RFC 9110, 9.3.2); the server leaves the body out by itself.
        app.Use((context, next) =>
        {
            if (HttpMethods.IsHead(context.Request.Method))
                context.Request.Method = HttpMethods.Get;
            return next(context);
        });
        if (beforeRouting is null)
            app.UseMiddleware<SignInMiddleware>();
        else
            beforeRouting(app);
        app.UseRouting();
        app.UseMiddleware<ReservedSegmentsMiddleware>();
        app.UsePolicies();
        app.UseRequestTimeouts();
        beforeBody?.Invoke(app);
        app.UseMiddleware<UnknownNamesMiddleware>();
        return app;
    }

    /// <summary><c>/health</c>: every check, and 503 when one of them is unhealthy; <c>/alive</c>: the process answers.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.MapHealthChecks(HealthPath, new HealthCheckOptions { ResponseWriter = HealthReportWriter.WriteAsync }).AllowAnonymous();
        app.MapAlive();
        app.MapControl();
        return app;
    }

    /// <summary>Only <c>/alive</c>, for a service with a <c>/health</c> of its own.</summary>
    public static WebApplication MapAlive(this WebApplication app)
    {
        app.MapHealthChecks(AlivePath, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains("live"),
            ResponseWriter = HealthReportWriter.WriteAsync,
        }).AllowAnonymous();
        return app;
    }
}
