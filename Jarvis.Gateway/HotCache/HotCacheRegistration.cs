using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;

namespace Jarvis.Gateway.HotCache;

internal static class HotCacheRegistration
{
    /// <summary>Asked by the AppHost, for a command of its dashboard; empties the caches of every process.</summary>
    private const string ClearAll = "caches.clear-all";

    public static void AddHotCache(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<HotCacheOptions>().BindConfiguration("HotCache").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<HotAnswers>();
        builder.Services.AddSingleton<HotFill>();
        builder.Services.AddSingleton<ICountedCache>(services => services.GetRequiredService<HotAnswers>());
        builder.Services.AddSingleton<ICacheDirectory, CachesOfAll>();
        builder.Services.AddControlHandler<CacheCommand, ClearedAnswer>(ClearAll, static (provider, command, cancellationToken) =>
            provider.GetRequiredService<ICacheDirectory>().ClearAsync(command?.Name, cancellationToken));
        // Changes are heard of over Redis, which need not be there.
        builder.AddMessaging();
        builder.Services.AddHostedService<HotInvalidation>();
    }

    public static void UseHotCache(this IApplicationBuilder app) => app.UseMiddleware<HotLookup>();
}
