using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Gateway.HotCache;

internal static class HotCacheRegistration
{
    public static void AddHotCache(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<HotCacheOptions>().BindConfiguration("HotCache").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<HotAnswers>();
        builder.Services.AddSingleton<HotFill>();
        builder.Services.AddSingleton<ICountedCache>(services => services.GetRequiredService<HotAnswers>());
        builder.Services.AddSingleton<ICacheDirectory, CachesOfAll>();
        // Changes are heard of over Redis, which need not be there.
        builder.AddMessaging();
        builder.Services.AddHostedService<HotInvalidation>();
    }

    public static void UseHotCache(this IApplicationBuilder app) => app.UseMiddleware<HotLookup>();
}
