using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Observability.Sampling;

internal static class SamplingRegistration
{
    /// <summary>The rule of this process. Set in code it wins over <c>OTEL_TRACES_SAMPLER</c>, which Aspire sets to <c>always_on</c> whatever the parent said.</summary>
    public static void AddTraceSampling(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SamplingOptions>().BindConfiguration(SamplingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<TraceBudget>();
        builder.Services.AddSingleton(services => new LateTraces(services.GetRequiredService<TraceBudget>()));
        builder.Services.AddSingleton<DistributedContextPropagator>(new RequestedTraces(DistributedContextPropagator.Current));
        builder.Services.ConfigureOpenTelemetryTracerProvider((services, tracing) => tracing.SetSampler(new TraceSampler(services.GetRequiredService<TraceBudget>())));
        builder.Services.AddOptions<AspNetCoreTraceInstrumentationOptions>().Configure<TraceBudget>((options, budget) => options.Filter = context => IsTraced(context, budget));
        // The runtime reads and writes trace context and baggage itself; with more than this the instrumentation does it again for each request and call.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
    }

    /// <summary>Asked of requests that the sampler took, without knowing their paths.</summary>
    private static bool IsTraced(HttpContext context, TraceBudget budget)
    {
        if (!OwnTraffic.Is(context.Request.Path))
            return true;
        if (Activity.Current is { HasRemoteParent: false } && !context.Request.Headers.ContainsKey(CorrelationId.Header))
            budget.ReturnUsual();
        return false;
    }
}
