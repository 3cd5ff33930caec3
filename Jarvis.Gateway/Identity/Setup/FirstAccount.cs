using Jarvis.Gateway.Identity.Accounts;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace Jarvis.Gateway.Identity.Setup;

/// <summary>Remembers that there is an account: once there is one, there always is (the last admin cannot be removed).</summary>
internal sealed class SetupState(NpgsqlDataSource database)
{
    private volatile bool _over;

    public async Task<bool> IsOverAsync(CancellationToken cancellationToken)
    {
        if (_over)
            return true;
        await using var command = database.Command("SELECT EXISTS (SELECT FROM identity.account)");
        return _over = await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}

/// <summary>Makes the first account, an admin's, once whoever tries: all replicas wait for each other at one lock.</summary>
internal sealed class FirstAccount(IdentityContext context, UserManager<Account> users, TimeProvider time)
{
    /// <summary>Makes it, and what <paramref name="then"/> does, in one transaction.</summary>
    /// <returns>Null when there is an account already.</returns>
    public Task<T?> CreateAsync<T>(string email, string? name, string passwordHash, Func<NpgsqlConnection, Account, Task<T?>> then, CancellationToken cancellationToken)
        where T : class =>
        context.InTransactionAsync(async connection =>
        {
            await connection.RunAsync("SELECT pg_advisory_xact_lock(hashtextextended('jarvis.identity.setup', 0))", [], cancellationToken);
            await using (var command = connection.Command("SELECT EXISTS (SELECT FROM identity.account)"))
            {
                if (await command.ExecuteScalarAsync(cancellationToken) is true)
                    return null;
            }
            var now = time.GetUtcNow();
            var account = new Account
            {
                Id = Guid.CreateVersion7(now),
                Email = email,
                UserName = email,
                Name = name,
                Role = Role.Admin,
                EmailConfirmed = true,
                PasswordHash = passwordHash,
                CreatedAt = now,
            };
            var result = await users.CreateAsync(account);
            return result.Succeeded ? await then(connection, account)
                : throw new InvalidOperationException($"The first account was not made: {string.Join(", ", result.Errors.Select(error => error.Code))}.");
        }, cancellationToken);
}
