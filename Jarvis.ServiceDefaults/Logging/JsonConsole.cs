using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Logging;

internal static class JsonConsole
{
    /// <summary>One JSON object a line on standard output, unless <c>Logging:Format</c> says otherwise.</summary>
    public static void AddJsonConsole(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddConsoleFormatter<FlatJsonFormatter, ConsoleFormatterOptions>();
        builder.Services.AddOptions<LogFormatOptions>().BindConfiguration("Logging").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ConsoleLoggerOptions>().PostConfigure<IOptions<LogFormatOptions>>((options, format) =>
            options.FormatterName = format.Value.Format == "json" ? FlatJsonFormatter.FormatterName : ConsoleFormatterNames.Simple);
        // Every request twice at Information is noise beside the spans.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Error);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        // Says each step of each connection, some ninety lines a start.
        builder.Logging.AddFilter("StackExchange.Redis", LogLevel.Warning);
    }
}
