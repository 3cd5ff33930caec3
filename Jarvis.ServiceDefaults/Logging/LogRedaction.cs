using Jarvis.ServiceDefaults.Redaction;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Jarvis.ServiceDefaults.Logging;

internal static class LogRedaction
{
    /// <summary>Between those who log and every provider, so that no formatter or exporter has to think of it.</summary>
    public static void AddLogRedaction(this IHostApplicationBuilder builder, AttributeRedaction rules)
    {
        builder.Services.TryAddSingleton<LoggerFactory>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(services => new RedactingLoggerFactory(services.GetRequiredService<LoggerFactory>(), rules)));
        builder.Logging.AddFilter<OpenTelemetryLoggerProvider>(OperatorLog.Category, LogLevel.None);
    }
}

internal sealed class RedactingLoggerFactory(LoggerFactory inner, AttributeRedaction rules) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName == OperatorLog.Category ? inner.CreateLogger(categoryName) : new RedactingLogger(inner.CreateLogger(categoryName), rules);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();
}
