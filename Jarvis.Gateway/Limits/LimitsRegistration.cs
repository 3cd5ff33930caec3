using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

internal static class LimitsRegistration
{
    public static void AddLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LimitsOptions>().BindConfiguration("Limits").ValidateDataAnnotations().ValidateOnStart();
        // Without an address of Redis this process is alone. The client itself comes with the messages.
        if (!string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("redis")))
        {
            builder.Services.AddSingleton<RedisBuckets>();
            builder.Services.AddHostedService(services => services.GetRequiredService<RedisBuckets>());
        }
        builder.Services.AddSingleton(services => new Limiter(
            services.GetRequiredService<IOptions<LimitsOptions>>(), services.GetService<RedisBuckets>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IMeterFactory>()));
    }

    public static void AddServiceQueues(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServiceQueueOptions>().BindConfiguration("Limits").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<WaitingPlaces>();
        builder.Services.AddSingleton<ServiceQueues>();
    }

    /// <summary>After sign-in and the legacy names, before the hot cache.</summary>
    public static void UseLimits(this IApplicationBuilder app) => app.UseMiddleware<LimitsMiddleware>();
}
