using Jarvis.Gateway.Front;
using Jarvis.Gateway.Health;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Legacy;
using Jarvis.Gateway.Proxy;
using Jarvis.ServiceDefaults.Caching;

namespace Jarvis.Gateway;

/// <summary>The gateway, put together: <c>Program.cs</c> runs it, tests start it on a free port.</summary>
public static class GatewayApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults();
        builder.AddFront();
        builder.AddLegacy();
        builder.AddServicesHealth();
        builder.AddHotCache();
        builder.AddProxy();

        var app = builder.Build();
        app.UseServiceDefaults(front =>
        {
            front.UseFront();
            front.UseLegacy();
            front.UseHotCache();
        });
        app.MapAlive();
        app.MapFront();
        app.MapServicesHealth();
        app.MapGroup("/api/v2").MapCaches();
        app.MapProxy();
        return app;
    }
}
