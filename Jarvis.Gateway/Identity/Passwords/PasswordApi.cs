using System.Text.Json;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.Mail;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>The body of <c>POST auth/password/change</c>.</summary>
public sealed record ChangePasswordBody(string CurrentPassword, string NewPassword);

/// <summary>The body of <c>POST auth/password/forgot</c>.</summary>
public sealed record ForgotPasswordBody(string Email);

/// <summary>The body of <c>POST auth/password/reset</c>.</summary>
/// <param name="Token">From the link in the e-mail; good once.</param>
public sealed record ResetPasswordBody(string Token, string Password);

/// <summary>What happens next, for people; the same whether or not there is such an account.</summary>
public sealed record Noted(string Message);

internal static class PasswordApi
{
    private const int MaxToken = 200;

    public static void MapPasswords(this IEndpointRouteBuilder auth)
    {
        var password = auth.MapGroup("/password");
        password.MapPost("/change", ChangeAsync).RequireAuthorization(Policies.SignedIn).RequirePerson().Accepts<ChangePasswordBody>("application/json")
            .WithName("ChangePassword").WithSummary("Change my password, and end my other sessions");
        password.MapPost("/forgot", ForgotAsync).AllowAnonymous().Accepts<ForgotPasswordBody>("application/json")
            .WithName("ForgotPassword").WithSummary("Ask for a link to set a new password");
        password.MapPost("/reset", ResetAsync).AllowAnonymous().Accepts<ResetPasswordBody>("application/json")
            .WithName("ResetPassword").WithSummary("Set a new password with the token of the link, and end all sessions");
    }

    private static async Task<Enveloped<SignedOut>> ChangeAsync(
        [FromBody] JsonElement json, HttpContext context, PasswordService passwords, PasswordPolicy policy, CancellationToken cancellationToken)
    {
        var caller = context.RequiredCaller();
        var account = await passwords.AccountAsync(caller.AccountId);
        var body = new BodyReader(json);
        var current = body.Text("current_password", PasswordPolicy.MaxUnits);
        var next = policy.Read(body, "new_password", account.Email, account.Name);
        if (next.Length > 0 && next == current)
            body.Wrong("new_password", "must be another one than the current");
        body.ThrowIfWrong();
        return Enveloped.Ok(new SignedOut(await passwords.ChangeAsync(account, current, next, caller.SessionId, context, cancellationToken)));
    }

    // One insertion, whoever has the address: whether an account does is found out by the sender of e-mails, after the answer.
    private static async Task<Enveloped<Noted>> ForgotAsync(
        [FromBody] JsonElement json, Outbox outbox, CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var email = body.Email("email");
        body.ThrowIfWrong();
        await outbox.AddAsync(MailKind.PasswordReset, email, cancellationToken);
        return new(new("If there is an account with this address, an e-mail with a link is on its way."), StatusCodes.Status202Accepted);
    }

    private static async Task<Results<Enveloped<SignedOut>, Failure>> ResetAsync(
        [FromBody] JsonElement json, HttpContext context, PasswordService passwords, PasswordPolicy policy, CancellationToken cancellationToken)
    {
        var body = new BodyReader(json);
        var token = body.Text("token", MaxToken);
        var password = policy.Read(body, "password", email: null);
        body.ThrowIfWrong();
        return await passwords.ResetAsync(token, password, context, cancellationToken) is { } ended
            ? Enveloped.Ok(new SignedOut(ended))
            : new Failure(ErrorCode.InvalidToken, "The link is not valid (any more). Ask for a new one.");
    }
}
