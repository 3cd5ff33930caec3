using Jarvis.Gateway.Edge;
using Jarvis.Gateway.Front;
using Jarvis.Gateway.Health;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Legacy;
using Jarvis.Gateway.Limits;
using Jarvis.Gateway.OpenApi;
using Jarvis.Gateway.Proxy;
using Jarvis.Gateway.Realtime;
using Jarvis.Gateway.Services;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Registry;

namespace Jarvis.Gateway;

/// <summary>The gateway, put together: <c>Program.cs</c> runs it, tests start it on a free port with some of its parts replaced.</summary>
public static class GatewayApp
{
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddSignIn();
        builder.AddServiceDefaults();
        builder.AddIdentity();
        builder.AddEdge();
        builder.AddFront();
        builder.AddLegacy();
        builder.AddLimits();
        builder.AddServicesHealth();
        builder.AddServices();
        builder.AddHotCache();
        builder.AddRealtime();
        builder.AddProxy();
        builder.AddOpenApiDocument();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseServiceDefaults(front =>
        {
            front.UseEdge();
            front.UseFront();
            front.UseDocs();
            front.UseLegacy();
            front.UseSignIn();
            front.UseLimits();
            front.UseHotCache();
            front.UseRealtime();
            front.UseAnswerCompression();
        });
        app.MapJwks();
        app.MapIdentityPages();
        app.MapFront();
        app.MapServicesHealth();
        app.MapControl();
        var api = app.MapGroup("/api/v2");
        api.MapIdentity();
        api.MapServices();
        app.MapRealtime();
        app.MapOpenApiDocument();
        app.MapProxy();
        return app;
    }
}
