using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>A sign-in that succeeded; nothing of it holds before the transaction is committed.</summary>
internal sealed record SignedIn(Account Account, NewSession Session, AccessToken? Access);

/// <summary>
/// Sign-in by e-mail address and password. Whatever is wrong (no such account, password, locked, disabled), it takes the same two round trips and one PBKDF2, and
/// answers the same.
/// </summary>
internal sealed class SignInService(
    NpgsqlDataSource database, UserManager<Account> users, PasswordChecks passwords, Throttle throttle, SessionStore sessions, IAccessTokens accessTokens,
    IRevocations revocations, AuditLog audit)
{
    public const string Action = "auth.login";

    private static readonly Failure Refused = new(ErrorCode.InvalidCredentials, "The e-mail address or the password is wrong, or sign-in has to wait after failed attempts.");

    /// <summary>Signs in.</summary>
    /// <exception cref="FailureException">401: refused; 503: too many at the same time.</exception>
    public async Task<SignedIn> SignInAsync(string email, string password, string kind, HttpContext context, CancellationToken cancellationToken)
    {
        using var place = passwords.Enter();
        var attempt = await throttle.BeginAsync(email, context, cancellationToken);
        var account = await users.FindByEmailAsync(email);
        var check = await passwords.CheckAsync(place, account?.PasswordHash, password, cancellationToken);
        if (account is null || !check.IsRight || !attempt.IsAllowed || !account.MaySignIn)
        {
            await throttle.FailedAsync(attempt, cancellationToken);
            throw Refuse(context, email, account, WhyNot(account, check, attempt.IsAllowed));
        }

        // Else the first in a process needs a second connection while it holds one.
        await accessTokens.PrepareAsync(cancellationToken);
        var newHash = check.IsOutdated ? await passwords.HashAsync(place, password, cancellationToken) : null;
        var signedIn = await database.InTransactionAsync(async connection =>
        {
            var started = await StartAsync(connection, account, kind, newHash, Action, context, cancellationToken);
            if (started is not null)
                await Throttle.SucceededAsync(connection, attempt, cancellationToken);
            return started;
        }, cancellationToken);
        if (signedIn is null)
            throw Refuse(context, email, account, "disabled, or its password changed, meanwhile");
        await revocations.AnnounceAllAsync(signedIn.Session.Ended.Revocations, cancellationToken);
        return signedIn;
    }

    /// <summary>Begins a session in a transaction that its caller commits, and then announces what ended.</summary>
    public async Task<SignedIn?> StartAsync(
        NpgsqlConnection connection, Account account, string kind, string? newHash, string action, HttpContext context, CancellationToken cancellationToken)
    {
        if (await sessions.StartAsync(connection, account, kind, newHash, context, cancellationToken) is not { } session)
            return null;
        var access = kind == SessionStore.Token ? await accessTokens.IssueAsync(account.Id, session.Id, account.Role, [], cancellationToken) : null;
        await audit.WriteAsync(connection, context, new(action, AuditLog.Success) { AccountId = account.Id, Target = session.Id.ToString() }, cancellationToken);
        return new(account, session, access);
    }

    private FailureException Refuse(HttpContext context, string email, Account? account, string detail)
    {
        audit.Refuse(context, new(Action, AuditLog.Refused) { AccountId = account?.Id, Detail = detail }, email);
        return Refused.AsException();
    }

    private static string WhyNot(Account? account, PasswordCheck check, bool allowed) =>
        account is null ? "no such account"
        : !allowed ? "has to wait after failed attempts"
        : !check.IsRight ? "wrong password"
        : account.DisabledAt is not null ? "disabled"
        : "address not confirmed";
}
