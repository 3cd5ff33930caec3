using Jarvis.Gateway.Audit;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>The sessions of who asks, newest first.</summary>
public sealed record SessionList(IReadOnlyList<SessionView> Sessions);

/// <summary>Where one is signed in, and ending it there.</summary>
internal static class SessionsApi
{
    public static void MapSessions(this IEndpointRouteBuilder auth)
    {
        var sessions = auth.MapGroup("/sessions").RequireAuthorization(Policies.SignedIn).RequirePerson()
            .WithPath("id", "The session's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47").WithError(ErrorCode.Forbidden, "An API key may not do this: sign in with e-mail address and password.");
        sessions.MapGet("", ListAsync).WithName("list-sessions").WithSummary("Where I am signed in");
        sessions.MapDelete("", EndOthersAsync).WithName("delete-other-sessions").WithSummary("End all of my sessions but this one");
        sessions.MapDelete("/{id:guid}", EndAsync).WithName("delete-session").WithSummary("End one of my sessions")
            .WithError(ErrorCode.ResourceNotFound, "You have no session with the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47'.");
    }

    private static async Task<Enveloped<SessionList>> ListAsync(HttpContext context, SessionStore sessions, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        var caller = context.RequiredCaller();
        return Enveloped.Ok(new SessionList(await sessions.ListAsync(database, caller.AccountId, caller.SessionId, cancellationToken)));
    }

    private static async Task<Enveloped<SignedOut>> EndOthersAsync(
        HttpContext context, SessionStore sessions, NpgsqlDataSource database, IRevocations revocations, AuditLog audit, CancellationToken cancellationToken)
    {
        var caller = context.RequiredCaller();
        var ended = await database.InTransactionAsync(async connection =>
        {
            var ended = await sessions.EndOthersAsync(connection, caller.AccountId, caller.SessionId, "ended from another session", cancellationToken);
            await audit.WriteAsync(connection, context, new("auth.session.end", AuditLog.Success) { Detail = $"{ended.Count} other sessions" }, cancellationToken);
            return ended;
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        return Enveloped.Ok(ended.View);
    }

    private static async Task<Results<Enveloped<SignedOut>, Failure>> EndAsync(
        Guid id, HttpContext context, SessionStore sessions, NpgsqlDataSource database, IRevocations revocations, AuditLog audit, CancellationToken cancellationToken)
    {
        var account = context.RequiredCaller().AccountId;
        var ended = await database.InTransactionAsync(async connection =>
        {
            var ended = await sessions.EndOneAsync(connection, account, id, "ended from another session", cancellationToken);
            if (ended.Count > 0)
                await audit.WriteAsync(connection, context, new("auth.session.end", AuditLog.Success) { Target = id.ToString() }, cancellationToken);
            return ended;
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        return ended.Count > 0 ? Enveloped.Ok(ended.View) : Failure.NotFound($"You have no session with the id '{id}'.");
    }
}
