using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.Telemetry.Host;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Metrics;
using Jarvis.Telemetry.Quotas;
using Jarvis.Telemetry.Redaction;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Traces;

namespace Jarvis.Telemetry;

/// <summary>
/// The telemetry service, put together: <c>Program.cs</c> runs it, tests start it on a free port with some of its parts replaced.
/// </summary>
internal static class TelemetryApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPostgresSchema("telemetry");
        builder.AddMessaging();
        builder.AddQuotas();
        builder.AddIngestion();
        builder.AddTraces();
        builder.AddMetrics();
        builder.AddHostSampling();
        builder.AddRetention();
        builder.AddStoredSpanRedaction();
        builder.AddContractOpenApi(
            ("Metrics", "Measured values over time, of this host and of your own programs."), ("Traces", "What every request did, by correlation ID."),
            ("OTLP", "Where OpenTelemetry exporters send to."));
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults(beforeBody: static body => body.UseMiddleware<UploadSlots>());
        app.MapDefaultEndpoints();
        app.MapContractOpenApi();
        app.MapIngestion();
        app.MapTraces();
        app.MapMetrics();
        return app;
    }
}
