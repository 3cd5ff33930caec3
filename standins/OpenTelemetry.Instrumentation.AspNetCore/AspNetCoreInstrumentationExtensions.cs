using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace
{
    public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
    {
        public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder) =>
            builder.AddAspNetCoreInstrumentation(null);

        public static TracerProviderBuilder AddAspNetCoreInstrumentation(
            this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions)
        {
            if (configureAspNetCoreTraceInstrumentationOptions is { } configure)
                builder.ConfigureServices(services => services.Configure(configure));
            return builder
                .AddSource("Microsoft.AspNetCore")
                .AddInstrumentation(services =>
                {
                    var options = services.GetRequiredService<Microsoft.Extensions.Options.IOptions<AspNetCoreTraceInstrumentationOptions>>();
                    var listener = new HttpInListener(options.Value);
                    listener.Subscribe();
                    return listener;
                });
        }
    }
}

namespace OpenTelemetry.Metrics
{
    public static class AspNetCoreInstrumentationMeterProviderBuilderExtensions
    {
        /// <summary>The meters of ASP.NET Core itself.</summary>
        public static MeterProviderBuilder AddAspNetCoreInstrumentation(this MeterProviderBuilder builder) => builder.AddMeter(
            "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections",
            "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Diagnostics", "Microsoft.AspNetCore.RateLimiting");
    }
}
