using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.Gateway.Identity.Setup;
using Jarvis.Gateway.Mail;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity.Registration;

/// <summary>The body of <c>POST auth/register</c>.</summary>
/// <param name="Invitation">The token of an invitation; needed where <c>Auth:Registration</c> is <c>invitation</c>.</param>
public sealed record RegisterBody(string Email, string Password, string? Name, string? Invitation);

/// <summary>
/// Accounts that people make for themselves. Whether the address had one already is told to nobody but its owner, by e-mail: the answer is the same, and takes the same.
/// </summary>
internal static class RegisterApi
{
    private const string Action = "auth.register";
    private const int MaxToken = 200;

    public static void MapRegister(this IEndpointRouteBuilder auth)
    {
        auth.MapPost("/register", RegisterAsync).AllowAnonymous().Accepts<RegisterBody>("application/json").WithName("register")
            .WithSummary("Make an account, where Auth:Registration allows it; without an invitation an e-mail leads to where its password is set, which confirms the address")
            .WithBody(typeof(RegisterBody)).Answers(202).WithAnswerHeader(202, "Location", PasswordApi.NoLocation, PasswordApi.SignIn, required: false)
            .WithError(ErrorCode.Forbidden, "Registration is closed. An admin can open it (Auth:Registration).")
            .WithError(ErrorCode.Validation, "One field is wrong: invitation.", new() { ["errors"] = new JsonObject { ["invitation"] = new JsonArray("is not valid (any more), or is for another address") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.");
    }

    private static async Task<Results<Enveloped<Noted>, Failure>> RegisterAsync(
        [FromBody] JsonElement json, HttpContext context, SetupState setup, PasswordChecks passwords, PasswordPolicy policy,
        NpgsqlDataSource database,
        Outbox outbox, AuditLog audit, IOptions<AuthOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var mode = options.Value.Registration;
        if (mode == RegistrationMode.Closed || !await setup.IsOverAsync(cancellationToken))
        {
            audit.Refuse(context, new(Action, AuditLog.Refused) { Detail = "registration is closed" });
            return new Failure(ErrorCode.Forbidden, "Registration is closed. An admin can open it (Auth:Registration).");
        }
        var body = new BodyReader(json);
        var email = body.Email("email");
        var name = body.OptionalText("name", SetupApi.MaxName);
        var password = policy.Read(body, "password", email, name);
        var token = body.OptionalText("invitation", MaxToken);
        if (mode == RegistrationMode.Invitation && !body.Has("invitation"))
            body.Wrong("invitation", "is required: registration is by invitation");
        body.ThrowIfWrong();

        using var place = passwords.Enter();
        var hash = await passwords.HashAsync(place, password, cancellationToken);
        var accepted = await database.InTransactionAsync(async connection =>
        {
            var role = token is null ? Role.Viewer : await Invitations.AcceptAsync(connection, token, email, cancellationToken);
            if (role is not { } given)
                return false;
            var now = time.GetUtcNow();
            var account = Guid.CreateVersion7(now);
            await connection.RunAsync(
                """
                INSERT INTO identity.account (id, email, normalized_email, user_name, normalized_user_name, name, email_confirmed, password_hash, security_stamp,
                    concurrency_stamp, role, created_at)
                VALUES ($1, $2, $3, $2, $3, $4, $5, $6, $7, $7, $8, $9)
                ON CONFLICT (normalized_email) DO UPDATE SET name = excluded.name, email_confirmed = true, password_hash = excluded.password_hash,
                    security_stamp = excluded.security_stamp, concurrency_stamp = excluded.concurrency_stamp, role = excluded.role
                    -- Who is invited takes over what somebody else began with the address and never showed to own.
                    WHERE NOT account.email_confirmed AND excluded.email_confirmed
                """,
                [account, email, EmailAddress.Normalize(email), name, token is not null, hash, Credentials.NewSecret(), given.Name(), now], cancellationToken);
            await outbox.AddAsync(connection, MailKind.Registered, email, null, cancellationToken);
            // The same for an address that had an account: it stays without the one named here.
            await audit.WriteAsync(connection, context, new(Action, AuditLog.Success) { Target = account.ToString(), Detail = $"asked for, as {given.Name()}" }, cancellationToken);
            return true;
        }, cancellationToken);
        if (!accepted)
        {
            audit.Refuse(context, new(Action, AuditLog.Refused) { Detail = "the invitation is not valid (any more)" }, email);
            return Failure.Invalid("invitation", "is not valid (any more), or is for another address");
        }
        return new Enveloped<Noted>(new("Your account is being made. Without an invitation, an e-mail is on its way: set your password with its link first."), StatusCodes.Status202Accepted);
    }
}
