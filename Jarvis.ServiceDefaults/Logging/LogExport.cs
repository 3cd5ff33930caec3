using Jarvis.ServiceDefaults.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Jarvis.ServiceDefaults.Logging;

internal static class LogExport
{
    /// <summary>Logs go to the Aspire dashboard or any other collector that <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names, besides to standard output.</summary>
    public static void AddLogExport(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        builder.Services.AddOpenTelemetry().WithLogging(
            logging => logging.AddProcessor(new CorrelationLogProcessor()).AddOtlpExporter(TelemetryExport.ToCollector),
            // Scopes hold what other libraries put there, which nobody has looked through for secrets.
            options => options.IncludeFormattedMessage = true);
    }
}
