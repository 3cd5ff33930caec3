namespace Jarvis.Gateway.Legacy;

internal static class LegacyRegistration
{
    public static void AddLegacy(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<LegacyOptions>().BindConfiguration("Legacy").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LegacyUsage>();
    }

    public static void UseLegacy(this IApplicationBuilder app)
    {
        app.UseMiddleware<LegacyNames>();
        app.UseMiddleware<VersionOne>();
    }
}
