using System.Security.Claims;
using Jarvis.Gateway.Front;
using Jarvis.Gateway.Realtime;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Bench;

/// <summary>A replica with <c>/ws</c> alone, where everybody is signed in as the service.</summary>
internal sealed class SocketsHost : IRevocations, IWsTickets, IDisposable
{
    public static async Task<WebApplication> StartAsync(string redis)
    {
        var builder = WebApplication.CreateBuilder(
            ["--urls", "http://127.0.0.1:0", $"--ConnectionStrings:redis={redis}", "--WebSockets:MaxConnections=100000", "--WebSockets:MaxConnectionsPerUser=100000"]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddFront();
        builder.AddMessaging();
        builder.Services.AddSingleton<IRevocations, SocketsHost>();
        builder.Services.AddSingleton<IWsTickets, SocketsHost>();
        builder.AddRealtime();
        builder.Services.AddAuthorization();
        var app = builder.Build();
        app.UseServiceDefaults(front =>
        {
            front.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new CallerIdentity(Caller.Service));
                return next(context);
            });
            front.UseRealtime();
        });
        app.UseAuthorization();
        app.MapRealtime();
        await app.StartAsync();
        return app;
    }

    public static Uri Address(WebApplication app) =>
        new UriBuilder(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) { Scheme = "ws", Path = RealtimeApi.Path }.Uri;

    public Task AnnounceAsync(Revocation revocation, CancellationToken cancellationToken) => Task.CompletedTask;

    public IDisposable Subscribe(Action<Revocation> handler) => this;

    public Task<Caller?> RedeemAsync(string ticket, string? origin, CancellationToken cancellationToken) => Task.FromResult<Caller?>(null);

    public void Dispose()
    {
    }
}
