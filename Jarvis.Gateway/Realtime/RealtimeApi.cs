using System.Diagnostics;
using System.Net.WebSockets;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>The WebSocket <c>/ws</c>. Who registers it has registered messaging, and who signed in.</summary>
internal static class RealtimeApi
{
    public const string Path = "/ws";

    // A message may come in pieces, and between two there are pings; nobody needs more than this.
    private const int FramesPerMessage = 10;

    public static void AddRealtime(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RealtimeOptions>().BindConfiguration("WebSockets").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Handshake>();
        builder.Services.AddSingleton<EventRing>();
        builder.Services.AddSingleton<Connections>();
        builder.Services.AddSingleton<EventFollower>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EventFollower>());
        builder.Services.AddHostedService<Heartbeats>();
    }

    /// <summary>Before routing.</summary>
    public static void UseRealtime(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            if (context.Request.Path == Path)
                FrameMeter.Put(context);
            return next(context);
        });
        app.UseWebSockets();
    }

    /// <summary>Anonymous to the router only: a browser shows a ticket in place of a header, so this asks for the caller itself.</summary>
    public static void MapRealtime(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Connect], HandleAsync).AllowAnonymous().DisableRequestTimeout().ExcludeFromDescription()
            .WithQuery(Handshake.TicketParameter, "A ticket of POST auth/ws-ticket.", "m3Qx0yWc9sT7uVhK2nJfB5rZ8dLgE1oP4aYiX6tRwUk");

    private static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (options, time) = (services.GetRequiredService<IOptions<RealtimeOptions>>().Value, services.GetRequiredService<TimeProvider>());
        var (connections, ring) = (services.GetRequiredService<Connections>(), services.GetRequiredService<EventRing>());
        var caller = await services.GetRequiredService<Handshake>().AdmitAsync(context);
        var full = connections.TryEnter(caller.AccountId);
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                KeepAliveInterval = TimeSpan.FromSeconds(options.KeepAliveSeconds),
                KeepAliveTimeout = TimeSpan.FromSeconds(options.KeepAliveTimeoutSeconds),
            });
            using var connection = new Connection(socket, caller, ring, options, time);
            var messages = new MessageLoop(socket, connection, ring, services.GetRequiredService<EventFollower>(), options, time);
            connections.Add(connection, full);
            context.Features.Get<FrameMeter>()?.Begin(
                new(options.MessageBurst * FramesPerMessage, options.MaxMessagesPerSecond * FramesPerMessage, time),
                () => connection.Close(WebSocketCloseStatus.PolicyViolation, CloseReasons.TooManyFrames));
            // The request's span ends with the connection, hours later perhaps: nothing from here on is a part of it.
            Activity.Current = null;
            try
            {
                await connection.RunAsync(messages.RunAsync);
            }
            finally
            {
                connections.Remove(connection);
            }
        }
        finally
        {
            if (full is null)
                connections.Leave(caller.AccountId);
        }
    }
}
