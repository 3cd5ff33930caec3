using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Registration;

/// <summary>The body of <c>POST auth/invitations</c>.</summary>
/// <param name="Email">For whom, and to whom it is e-mailed; without it, for whoever has the token.</param>
/// <param name="Role"><c>viewer</c> when not given.</param>
/// <param name="ExpiresInHours">1 to 720; a week when not given.</param>
public sealed record InvitationBody(string? Email, Role? Role, int? ExpiresInHours);

public sealed record InvitationList(IReadOnlyList<InvitationView> Invitations);

/// <summary>An invitation with its token, which is shown once.</summary>
public sealed record NewInvitation(InvitationView Invitation, string Token);

internal static class InvitationsApi
{
    private const int DefaultHours = 168;
    private const int MaxHours = 720;
    private const string Closed = "Registration is closed, so nobody could use an invitation. Set Auth:Registration to 'invitation', and start Jarvis again.";

    public static void MapInvitations(this IEndpointRouteBuilder auth)
    {
        var invitations = auth.MapGroup("/invitations").RequireAuthorization(Policies.Admin)
            .WithPath("id", "The invitation's id.", "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47")
            .WithError(ErrorCode.Forbidden, "This needs the role admin.");
        invitations.MapGet("", ListAsync).WithName("list-invitations").WithSummary("Invitations that wait");
        invitations.MapPost("", AddAsync).Accepts<InvitationBody>("application/json").WithName("create-invitation").WithSummary("Invite somebody to make an account: the token is shown this once, and e-mailed when there is an address")
            .WithBody(typeof(InvitationBody)).Answers(201).WithError(ErrorCode.Conflict, "Too many invitations wait. Withdraw some first.").WithError(ErrorCode.Conflict, Closed)
            .WithError(ErrorCode.Validation, "One field is wrong: role.", new() { ["errors"] = new JsonObject { ["role"] = new JsonArray("must be one of viewer, operator, admin") } });
        invitations.MapDelete("/{id:guid}", WithdrawAsync).WithName("delete-invitation").WithSummary("Withdraw an invitation; answers with those that still wait")
            .WithError(ErrorCode.ResourceNotFound, "No invitation that waits has the id '0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47'.");
    }

    private static async Task<Enveloped<InvitationList>> ListAsync(Invitations invitations, CancellationToken cancellationToken) =>
        Enveloped.Ok(new InvitationList(await invitations.ListAsync(cancellationToken)));

    private static async Task<Results<Enveloped<NewInvitation>, Failure>> AddAsync(
        [FromBody] JsonElement json, HttpContext context, Invitations invitations, NpgsqlDataSource database, AuditLog audit, IOptions<AuthOptions> options,
        CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var email = body.Has("email") ? body.Email("email") : null;
        var role = RoleNames.Parse(body.OneOf("role", RoleNames.Viewer, [.. RoleNames.All]))!.Value;
        var hours = body.Whole("expires_in_hours", 1, MaxHours) ?? DefaultHours;
        body.ThrowIfWrong();
        if (options.Value.Registration is RegistrationMode.Closed)
            return Failure.Conflict(Closed);
        var added = await database.InTransactionAsync(async connection =>
        {
            var added = await invitations.AddAsync(connection, context.RequiredCaller().AccountId, email, role, TimeSpan.FromHours(hours), cancellationToken);
            if (added is { } invited)
                await audit.WriteAsync(connection, context, new("invitation.create", AuditLog.Success) { Target = invited.Invitation.Id.ToString(), Detail = $"as {role.Name()}" }, cancellationToken);
            return added;
        }, cancellationToken);
        if (added is not var (invitation, token))
            return Failure.Conflict("Too many invitations wait. Withdraw some first.");
        return Enveloped.Created(new NewInvitation(invitation, token), $"/api/v2/auth/invitations/{invitation.Id}");
    }

    private static async Task<Results<Enveloped<InvitationList>, Failure>> WithdrawAsync(
        Guid id, HttpContext context, Invitations invitations, NpgsqlDataSource database, AuditLog audit, CancellationToken cancellationToken)
    {
        var withdrawn = await database.InTransactionAsync(async connection =>
        {
            if (!await Invitations.WithdrawAsync(connection, id, cancellationToken))
                return false;
            await audit.WriteAsync(connection, context, new("invitation.withdraw", AuditLog.Success) { Target = id.ToString() }, cancellationToken);
            return true;
        }, cancellationToken);
        return withdrawn ? Enveloped.Ok(new InvitationList(await invitations.ListAsync(cancellationToken))) : Failure.NotFound($"No invitation that waits has the id '{id}'.");
    }
}
