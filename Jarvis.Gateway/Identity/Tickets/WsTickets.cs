using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Tickets;

/// <summary>A ticket for one WebSocket.</summary>
/// <param name="ExpiresIn">Seconds that it is good for.</param>
public sealed record TicketView(string Ticket, int ExpiresIn);

/// <summary>One-time tickets in Postgres: whichever replica the WebSocket comes to knows them.</summary>
internal sealed class WsTickets(NpgsqlDataSource database, IOptions<AuthOptions> options, TimeProvider time) : IWsTickets
{
    private const string Person = "user";
    private const string Key = "api_key";

    public async Task<TicketView> IssueAsync(Caller caller, string? origin, CancellationToken cancellationToken)
    {
        var ticket = Credentials.NewSecret();
        await database.RunAsync(
            """
            INSERT INTO identity.ws_ticket (hash, account_id, session_id, caller_kind, caller_expires_at, origin, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6::text, now(), now() + $7)
            """,
            [Credentials.Hash(ticket), caller.AccountId, caller.SessionId, caller.Kind == CallerKind.ApiKey ? Key : Person,
             caller.ExpiresAt.ToUniversalTime(), origin,
             TimeSpan.FromSeconds(options.Value.TicketSeconds)], cancellationToken);
        return new(ticket, options.Value.TicketSeconds);
    }

    // It is gone with the first that shows it, whatever else is wrong. What the caller may do is read anew.
    public async Task<Caller?> RedeemAsync(string ticket, string? origin, CancellationToken cancellationToken)
    {
        if (ticket.Length != Credentials.SecretLength)
            return null;
        var now = time.GetUtcNow();
        await using var command = database.Command(
            """
            WITH taken AS (DELETE FROM identity.ws_ticket WHERE hash = $1 RETURNING *)
            SELECT t.caller_kind, t.account_id, t.session_id, a.role, k.scopes, t.caller_expires_at
            FROM taken t
            JOIN identity.account a ON a.id = t.account_id AND a.disabled_at IS NULL
            LEFT JOIN identity.session s ON t.caller_kind = 'user' AND s.id = t.session_id AND s.revoked_at IS NULL AND s.expires_at > now()
            LEFT JOIN identity.api_key k ON t.caller_kind = 'api_key' AND k.id = t.session_id AND k.revoked_at IS NULL
                AND (k.expires_at IS NULL OR k.expires_at > now())
            WHERE t.expires_at > now() AND t.caller_expires_at > $3 AND t.origin IS NOT DISTINCT FROM $2::text
                AND (s.id IS NOT NULL OR k.id IS NOT NULL)
            """, Credentials.Hash(ticket), origin, now);
        var callers = await command.ListAsync(row =>
        {
            var role = RoleNames.Parse(row.GetString(3))!.Value;
            string[] scopes = row.IsDBNull(4) ? [] : row.GetFieldValue<string[]>(4);
            return row.GetString(0) == Key
                ? new Caller(CallerKind.ApiKey, row.GetGuid(1), row.GetGuid(2), Scopes.RoleOf(scopes, role), Scopes.Of(scopes, role), now, row.Time(5))
                : new Caller(CallerKind.User, row.GetGuid(1), row.GetGuid(2), role, [], now, row.Time(5));
        }, cancellationToken);
        return callers.Count == 0 ? null : callers[0];
    }
}

internal static class TicketApi
{
    public static void MapTickets(this IEndpointRouteBuilder auth) =>
        auth.MapPost("/ws-ticket", IssueAsync).RequireAuthorization(Policies.SignedIn).WithName("create-ws-ticket")
            .WithSummary("A ticket that opens one WebSocket from this page, within 30 seconds")
            .WithHeader("Origin", "The page that will open the WebSocket, as browsers send it by themselves: the ticket is good only from there.", "https://jarvis.example")
            .WithError(ErrorCode.Forbidden, "A service needs no ticket.");

    private static async Task<Results<Enveloped<TicketView>, Failure>> IssueAsync(HttpContext context, WsTickets tickets, CancellationToken cancellationToken)
    {
        var caller = context.RequiredCaller();
        if (caller.Kind == CallerKind.Service)
            return new Failure(ErrorCode.Forbidden, "A service needs no ticket.");
        var origin = context.Request.Headers.Origin.ToString();
        return Enveloped.Ok(await tickets.IssueAsync(caller, origin.Length == 0 ? null : origin, cancellationToken));
    }
}
