using Jarvis.Gateway.Front;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>Who wants a WebSocket, and whether it gets one: all that is refused is refused before the upgrade.</summary>
internal sealed class Handshake(IWsTickets tickets, IOptionsMonitor<FrontOptions> front)
{
    public const string TicketParameter = "ticket";

    // What people try; addresses are logged on the way and kept by browsers.
    private static readonly string[] LongLived = ["token", "access_token", "id_token", "jwt", "api_key", "apikey", "authorization"];

    /// <summary>Who connects.</summary>
    /// <exception cref="FailureException">401, 403 or 426.</exception>
    public async Task<Caller> AdmitAsync(HttpContext context)
    {
        var request = context.Request;
        if (Array.Exists(LongLived, request.Query.ContainsKey))
            throw Unauthorized(context, ErrorCode.InvalidToken, "A token must not be sent in the address. Send Authorization: Bearer, or a ticket of POST /api/v2/auth/ws-ticket as ?ticket=.");
        var origin = request.Headers.Origin.ToString() is { Length: > 0 } sent ? sent : null;
        if (origin is not null && !IsAllowed(request, origin))
            throw new Failure(ErrorCode.Forbidden, "Pages of this origin may not connect here. Gateway:AllowedOrigins lists those that may.").AsException();
        var caller = context.Caller();
        var ticket = request.Query[TicketParameter].ToString();
        if (caller is null && ticket.Length == 0)
            throw Unauthorized(context, ErrorCode.AuthenticationRequired, "Sign in first: send Authorization: Bearer, or a ticket of POST /api/v2/auth/ws-ticket as ?ticket=.");
        // Before the ticket is used up.
        if (!context.WebSockets.IsWebSocketRequest)
            throw NotAnUpgrade(context);
        if (ticket.Length > 0)
        {
            caller = await tickets.RedeemAsync(ticket, origin, context.RequestAborted)
                ?? throw Unauthorized(context, ErrorCode.InvalidToken, "The ticket is not known, was used already, is older than 30 seconds, or is another origin's. Get a new one.");
        }
        else if (origin is null && request.Headers.Authorization.Count == 0 && request.Headers.Cookie.Count > 0)
        {
            // A cookie is sent by whichever page asks; only its origin tells which.
            throw new Failure(ErrorCode.Forbidden, "A session cookie counts only with an Origin that may connect.").AsException();
        }
        if (!caller!.Has(Role.Viewer))
            throw new Failure(ErrorCode.Forbidden, $"This needs the role {RoleNames.Viewer}.").AsException();
        return caller;
    }

    private bool IsAllowed(HttpRequest request, string origin) =>
        string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        || front.CurrentValue.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    private static FailureException Unauthorized(HttpContext context, ErrorCode code, string detail)
    {
        var challenge = code == ErrorCode.AuthenticationRequired ? "Bearer" : "Bearer error=\"invalid_token\"";
        SetOnStarting(context, headers => headers.WWWAuthenticate = challenge);
        return new Failure(code, detail).AsException();
    }

    private static FailureException NotAnUpgrade(HttpContext context)
    {
        SetOnStarting(context, headers =>
        {
            headers.Upgrade = "websocket";
            headers.Connection = "Upgrade";
        });
        return new Failure(ErrorCode.MalformedRequest, "This is a WebSocket: send the upgrade request of RFC 6455.") { Status = StatusCodes.Status426UpgradeRequired }.AsException();
    }

    /// <summary>When the answer starts, since a failure clears what was set before.</summary>
    private static void SetOnStarting(HttpContext context, Action<IHeaderDictionary> set) => context.Response.OnStarting(() =>
    {
        set(context.Response.Headers);
        return Task.CompletedTask;
    });
}
