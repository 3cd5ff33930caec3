using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Observability.Sampling;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Observability;

/// <summary>
/// Spans go to Jarvis.Telemetry (<c>Telemetry:Endpoint</c>, OTLP over HTTP), and besides to the Aspire dashboard or any other collector
/// that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names.
/// </summary>
public static class TelemetryExport
{
    // A second's worth of all that sampling lets through: what finds the queue full would be missing from its trace.
    private const int QueuedSpans = 8_192;

    public static TBuilder ConfigureOpenTelemetry<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var dashboard = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder.Configuration["Telemetry:Endpoint"];
        // Else the exporter drops what the collector asks it to send again (503), such as all spans while Postgres restarts.
        builder.Configuration["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"] ??= "in_memory";
        builder.AddTraceSampling();

        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
            {
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter("Jarvis.*");
                if (dashboard)
                    metrics.AddOtlpExporter(ToCollector);
            })
            .WithTracing(tracing =>
            {
                tracing.AddSource("Jarvis.*")
                    .AddProcessor(new CorrelationProcessor())
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation();
                if (dashboard)
                    tracing.AddOtlpExporter(ToCollector);
                if (!string.IsNullOrWhiteSpace(telemetry))
                    tracing.AddOtlpExporter("jarvis", options => ToJarvis(options, telemetry, builder.Configuration["Security:ServiceKey"]));
            });
        return builder;
    }

    /// <summary>To whom <c>OTEL_EXPORTER_OTLP_*</c> says.</summary>
    internal static void ToCollector(OtlpExporterOptions options)
    {
        // Also the longest that a stopping process waits for its last spans, and then for its last logs and metrics.
        options.TimeoutMilliseconds = 2_000;
        options.BatchExportProcessorOptions.MaxQueueSize = QueuedSpans;
    }

    private static void ToJarvis(OtlpExporterOptions options, string telemetry, string? serviceKey)
    {
        ToCollector(options);
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri(new Uri(telemetry), $"{OwnTraffic.IngestPath}/traces");
        // The environment's headers hold the dashboard's key, which is nobody else's business.
        options.Headers = string.IsNullOrEmpty(serviceKey) ? "" : $"{ServiceKey.Header}={serviceKey}";
        // A trace is looked up moments after the request: a second's wait, not the default five.
        options.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 1_000;
    }
}
