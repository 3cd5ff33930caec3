using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.Mail;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Identity;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>
/// Changes passwords. A new one ends the sessions that the old one began, and changes the security stamp, so that a sign-in under way
/// with the old one fails. A reset revokes the API keys, too: whoever had the password may have made one.
/// </summary>
internal sealed class PasswordService(
    IdentityContext context, UserManager<Account> users, PasswordChecks passwords, Throttle throttle, SessionStore sessions,
    PasswordPolicy policy,
    IRevocations revocations, AuditLog audit)
{
    private const string ChangeAction = "auth.password.change";

    /// <summary>The account of who asks.</summary>
    /// <exception cref="FailureException">401: the account is gone.</exception>
    public async Task<Account> AccountAsync(Guid id) =>
        await users.FindByIdAsync(id.ToString()) ?? throw new Failure(ErrorCode.InvalidToken, "The account is gone.").AsException();

    /// <summary>Sets another password, for who knows the current one.</summary>
    /// <returns>The other sessions, which ended, and with <paramref name="keys"/> the API keys.</returns>
    /// <exception cref="FailureException">401: the current password is wrong; its guesses count as those of a sign-in do.</exception>
    public async Task<EndedSessions> ChangeAsync(
        Account account, string current, string next, Guid session, bool keys, HttpContext http, CancellationToken cancellationToken)
    {
        using var place = passwords.Enter();
        var attempt = await throttle.BeginAsync(account.Email!, http, cancellationToken);
        var check = await passwords.CheckAsync(place, account.PasswordHash, current, cancellationToken);
        if (!check.IsRight || !attempt.IsAllowed)
        {
            await throttle.FailedAsync(attempt, cancellationToken);
            audit.Refuse(http, new(ChangeAction, AuditLog.Refused) { AccountId = account.Id, Detail = attempt.IsAllowed ? "wrong password" : "has to wait after failed attempts" });
            throw new Failure(ErrorCode.InvalidCredentials, "The current password is wrong, or has to wait after failed attempts.").AsException();
        }
        var hash = await passwords.HashAsync(place, next, cancellationToken);
        var ended = await context.InTransactionAsync(async connection =>
        {
            await SetAsync(account, hash);
            await Throttle.SucceededAsync(connection, attempt, cancellationToken);
            var ended = await sessions.EndOthersAsync(connection, account.Id, session, "password changed", cancellationToken);
            if (keys)
                ended = await sessions.WithKeysAsync(connection, account.Id, ended, cancellationToken);
            await audit.WriteAsync(
                connection, http, new(ChangeAction, AuditLog.Success) { AccountId = account.Id, Detail = $"others: {ended.Detail}" }, cancellationToken);
            return ended;
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        return ended;
    }

    /// <summary>Sets another password, for who has the link.</summary>
    /// <returns>The sessions that ended and the API keys that were revoked; null when the token is not good (any more).</returns>
    /// <exception cref="FailureException">422: the password is made of the account's own address.</exception>
    public async Task<EndedSessions?> ResetAsync(string token, string password, HttpContext http, CancellationToken cancellationToken)
    {
        using var place = passwords.Enter();
        var hash = await passwords.HashAsync(place, password, cancellationToken);
        var ended = await context.InTransactionAsync(async connection =>
        {
            if (await EmailLinks.UseAsync(connection, LinkPurpose.PasswordReset, token, cancellationToken) is not { } id)
                return null;
            var account = await AccountAsync(id);
            if (policy.Problems(password, account.Email, account.Name) is { Count: > 0 } problems)
                throw Failure.Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["password"] = [.. problems] }).AsException();
            // Whoever has the link reads e-mail at the address.
            account.EmailConfirmed = true;
            await SetAsync(account, hash);
            await throttle.ForgetAsync(connection, account.Email!, http, cancellationToken);
            var ended = await sessions.EndAllAsync(connection, id, "password reset", cancellationToken);
            ended = await sessions.WithKeysAsync(connection, id, ended, cancellationToken);
            await audit.WriteAsync(
                connection, http, new("auth.password.reset", AuditLog.Success) { AccountId = id, Detail = ended.Detail }, cancellationToken);
            return ended;
        }, cancellationToken);
        if (ended is null)
        {
            audit.Refuse(http, new("auth.password.reset", AuditLog.Refused) { Detail = "the link is not valid (any more)" });
            return null;
        }
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        return ended;
    }

    private async Task SetAsync(Account account, string hash)
    {
        account.PasswordHash = hash;
        var result = await users.UpdateSecurityStampAsync(account);
        if (!result.Succeeded)
            throw Failure.Conflict("The account was changed at the same time. Try again.").AsException();
    }
}
