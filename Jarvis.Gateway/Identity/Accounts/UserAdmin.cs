using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>What admins do to accounts. One enabled admin is always left: changes wait for each other at a lock and look.</summary>
internal sealed class UserAdmin(
    IdentityContext context, UserManager<Account> users, SessionStore sessions, IRevocations revocations, AuditLog audit, TimeProvider time)
{
    /// <summary>
    /// Changes what is given. Whoever has tokens of the account gets new ones, with the new role, by the refresh token; a disabled
    /// account's sessions end. Its API keys rest until it is enabled again, unless <paramref name="keys"/> revokes them.
    /// </summary>
    /// <returns>Null when there is no such account.</returns>
    /// <exception cref="FailureException">409: it is the last admin.</exception>
    public async Task<Account?> ChangeAsync(Guid id, Role? role, bool? disabled, bool keys, HttpContext http,
        CancellationToken cancellationToken)
    {
        List<Revocation> ended = [];
        var changed = await context.InTransactionAsync(async connection =>
        {
            if (await LockedAsync(connection, id, cancellationToken) is not { } account)
                return null;
            if ((role is not null && role != Role.Admin) || disabled is true)
                await KeepAnAdminAsync(account, cancellationToken);
            if (role is { } given && given != account.Role)
            {
                await AuditAsync(connection, http, "user.role", id, $"{account.Role.Name()} to {given.Name()}", cancellationToken);
                account.Role = given;
                ended.Add(new(id, null, time.GetUtcNow()));
                await SessionStore.NoteAsync(connection, ended[^1], cancellationToken);
            }
            if (disabled is { } off && off != account.DisabledAt is not null)
            {
                await AuditAsync(connection, http, off ? "user.disable" : "user.enable", id, null, cancellationToken);
                account.DisabledAt = off ? time.GetUtcNow() : null;
                if (off)
                    ended.AddRange((await sessions.EndAllAsync(connection, id, "account disabled", cancellationToken)).Revocations);
            }
            if (keys)
            {
                var revoked = await sessions.WithKeysAsync(connection, id, EndedSessions.None, cancellationToken);
                ended.AddRange(revoked.Revocations);
                await AuditAsync(connection, http, "user.revoke_api_keys", id, $"{revoked.ApiKeys} API keys", cancellationToken);
            }
            var result = await users.UpdateAsync(account);
            return result.Succeeded ? account : throw Failure.Conflict("The account was changed at the same time. Try again.").AsException();
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended, cancellationToken);
        return changed;
    }

    /// <summary>Deletes the account with all that belongs to it, but for what the audit log says of it.</summary>
    /// <returns>What was deleted; null when there is no such account.</returns>
    /// <exception cref="FailureException">409: it is the last admin.</exception>
    public async Task<Account?> DeleteAsync(Guid id, HttpContext http, CancellationToken cancellationToken)
    {
        EndedSessions ended = EndedSessions.None;
        var deleted = await context.InTransactionAsync(async connection =>
        {
            if (await LockedAsync(connection, id, cancellationToken) is not { } account)
                return null;
            await KeepAnAdminAsync(account, cancellationToken);
            ended = await sessions.EndAllAsync(connection, id, "account deleted", cancellationToken);
            await AuditAsync(connection, http, "user.delete", id, null, cancellationToken);
            await users.DeleteAsync(account);
            return account;
        }, cancellationToken);
        await revocations.AnnounceAllAsync(ended.Revocations, cancellationToken);
        return deleted;
    }

    private async Task<Account?> LockedAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await connection.RunAsync("SELECT pg_advisory_xact_lock(hashtextextended('jarvis.identity.admins', 0))", [], cancellationToken);
        await connection.RunAsync("SELECT FROM identity.account WHERE id = $1 FOR UPDATE", [id], cancellationToken);
        return await users.FindByIdAsync(id.ToString());
    }

    private async Task KeepAnAdminAsync(Account account, CancellationToken cancellationToken)
    {
        if (account is not { Role: Role.Admin, DisabledAt: null })
            return;
        if (!await context.Accounts.AnyAsync(other => other.Id != account.Id && other.Role == Role.Admin && other.DisabledAt == null && other.EmailConfirmed, cancellationToken))
            throw Failure.Conflict("This is the last admin who can sign in. Make another account an admin first.").AsException();
    }

    private Task AuditAsync(NpgsqlConnection connection, HttpContext http, string action, Guid id, string? detail, CancellationToken cancellationToken) =>
        audit.WriteAsync(connection, http, new(action, AuditLog.Success) { Target = id.ToString(), Detail = detail }, cancellationToken);
}
