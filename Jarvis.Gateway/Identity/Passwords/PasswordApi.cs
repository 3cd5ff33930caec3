using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.Mail;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>The body of <c>POST auth/password/change</c>.</summary>
/// <param name="RevokeApiKeys">Whether the account's API keys are revoked, too; they stay when not given.</param>
public sealed record ChangePasswordBody(string CurrentPassword, string NewPassword, bool? RevokeApiKeys);

/// <summary>The body of <c>POST auth/password/forgot</c>.</summary>
public sealed record ForgotPasswordBody(string Email);

/// <summary>The body of <c>POST auth/password/reset</c>.</summary>
/// <param name="Token">From the link in the e-mail; good once.</param>
public sealed record ResetPasswordBody(string Token, string Password);

/// <summary>What happens next, for people; the same whether or not there is such an account.</summary>
public sealed record Noted(string Message);

internal static class PasswordApi
{
    /// <summary>Of a 202 that leads nowhere, so that it tells nobody which accounts there are.</summary>
    public const string NoLocation = "Not sent here: the answer is the same whether or not there is such an account.";

    public const string SignIn = "/api/v2/auth/login";

    private const int MaxToken = 200;

    public static void MapPasswords(this IEndpointRouteBuilder auth)
    {
        var password = auth.MapGroup("/password");
        password.MapPost("/change", ChangeAsync).RequireAuthorization(Policies.SignedIn).RequirePerson().Accepts<ChangePasswordBody>("application/json")
            .WithName("change-password")
            .WithSummary("Change my password, and end my other sessions; with revoke_api_keys=true my API keys too")
            .WithBody(typeof(ChangePasswordBody)).WithError(ErrorCode.Forbidden, "An API key may not do this: sign in with e-mail address and password.")
            .WithError(ErrorCode.AuthenticationRequired).WithError(ErrorCode.InvalidToken).WithError(ErrorCode.TokenExpired)
            .WithError(ErrorCode.InvalidCredentials, "The current password is wrong, or has to wait after failed attempts.")
            .WithError(ErrorCode.Conflict, "The account was changed at the same time. Try again.")
            .WithError(ErrorCode.Validation, "One field is wrong: new_password.", new() { ["errors"] = new JsonObject { ["new_password"] = new JsonArray("must have 12 to 128 characters") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.");
        password.MapPost("/forgot", ForgotAsync).AllowAnonymous().Accepts<ForgotPasswordBody>("application/json")
            .WithName("forgot-password").WithSummary("Ask for a link to set a new password")
            .WithBody(typeof(ForgotPasswordBody)).Answers(202).WithAnswerHeader(202, "Location", NoLocation, SignIn, required: false)
            .WithError(ErrorCode.Validation, "One field is wrong: email.", new() { ["errors"] = new JsonObject { ["email"] = new JsonArray("is required") } });
        password.MapPost("/reset", ResetAsync).AllowAnonymous().Accepts<ResetPasswordBody>("application/json")
            .WithName("reset-password")
            .WithSummary("Set a new password with the token of the link, end all sessions and revoke all API keys")
            .WithBody(typeof(ResetPasswordBody)).WithError(ErrorCode.InvalidToken, "The link is not valid (any more). Ask for a new one.")
            .WithError(ErrorCode.Conflict, "The account was changed at the same time. Try again.")
            .WithError(ErrorCode.Validation, "One field is wrong: password.", new() { ["errors"] = new JsonObject { ["password"] = new JsonArray("must have 12 to 128 characters") } })
            .WithError(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.");
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
        var keys = body.Flag("revoke_api_keys") ?? false;
        body.ThrowIfWrong();
        return Enveloped.Ok((await passwords.ChangeAsync(account, current, next, caller.SessionId, keys, context, cancellationToken)).View);
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
            ? Enveloped.Ok(ended.View)
            : new Failure(ErrorCode.InvalidToken, "The link is not valid (any more). Ask for a new one.");
    }
}
