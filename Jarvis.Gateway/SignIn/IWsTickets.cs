using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.SignIn;

/// <summary>One-time tickets with which a browser, that can send no header, opens its WebSocket.</summary>
public interface IWsTickets
{
    /// <summary>Takes the ticket: it is good once, for 30 seconds, for the origin that asked for it.</summary>
    /// <returns>Who it is for; null when there is no such ticket (any more).</returns>
    Task<Caller?> RedeemAsync(string ticket, string? origin, CancellationToken cancellationToken);
}
