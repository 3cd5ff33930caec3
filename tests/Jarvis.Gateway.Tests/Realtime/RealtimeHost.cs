using System.Security.Claims;
using Jarvis.Gateway.Front;
using Jarvis.Gateway.Realtime;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>One replica with <c>/ws</c> on a free port; who calls is in the token: <c>role</c> or <c>role:account</c>.</summary>
internal sealed class RealtimeHost : IAsyncDisposable, IRevocations, IWsTickets
{
    private readonly List<Action<Revocation>> _handlers = [];
    private readonly Dictionary<(string Ticket, string? Origin), string> _tickets = [];
    private WebApplication _app = null!;

    public MemoryEventLog.Replica Log { get; private init; } = null!;

    public Uri Address { get; private set; } = null!;

    public Uri Socket => new UriBuilder(Address) { Scheme = "ws", Path = RealtimeApi.Path }.Uri;

    public Connections Connections => _app.Services.GetRequiredService<Connections>();

    public DateTimeOffset TokensEnd { get; set; } = DateTimeOffset.MaxValue;

    public static async Task<RealtimeHost> StartAsync(MemoryEventLog? log = null, params string[] settings)
    {
        var host = new RealtimeHost { Log = (log ?? new MemoryEventLog()).Connect() };
        var builder = WebApplication.CreateBuilder(["--applicationName", "Jarvis.Gateway", "--urls", "http://127.0.0.1:0", "--WebSockets:CatchUpMs=200", .. settings]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddFront();
        builder.Services.AddSingleton<IEventLog>(host.Log);
        builder.Services.AddSingleton<IRevocations>(host);
        builder.Services.AddSingleton<IWsTickets>(host);
        builder.AddRealtime();
        builder.Services.AddAuthorization();
        var app = host._app = builder.Build();
        app.UseServiceDefaults(front =>
        {
            front.Use((context, next) =>
            {
                var token = context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var bearer] ? bearer : context.Request.Cookies["session"];
                if (token is not null)
                    context.User = new ClaimsPrincipal(new CallerIdentity(host.CallerOf(token)));
                return next(context);
            });
            front.UseRealtime();
        });
        app.UseAuthorization();
        app.MapRealtime();
        await app.StartAsync();
        host.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return host;
    }

    /// <summary>As a process that is killed, as far as clients can tell.</summary>
    public Task StopAsync() => _app.StopAsync();

    public void Issue(string ticket, string token, string? origin) => _tickets[(ticket, origin)] = token;

    /// <summary>As the product does: known first, then told.</summary>
    public void Revoke(Revocation revocation)
    {
        _app.Services.GetRequiredService<Revoked>().Add(new(revocation.AccountId, revocation.SessionId, revocation.At));
        _handlers.ToList().ForEach(handler => handler(revocation));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    Task IRevocations.AnnounceAsync(Revocation revocation, CancellationToken cancellationToken) => throw new NotSupportedException();

    IDisposable IRevocations.Subscribe(Action<Revocation> handler)
    {
        _handlers.Add(handler);
        return new Nothing();
    }

    Task<Caller?> IWsTickets.RedeemAsync(string ticket, string? origin, CancellationToken cancellationToken) =>
        Task.FromResult(_tickets.Remove((ticket, origin), out var token) ? CallerOf(token) : null);

    private Caller CallerOf(string token)
    {
        var parts = token.Split(':');
        var account = parts.Length > 1 ? Guid.Parse(parts[1]) : Guid.Empty;
        return new(CallerKind.User, account, account, RoleNames.Parse(parts[0]), [], DateTimeOffset.UnixEpoch, TokensEnd);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
