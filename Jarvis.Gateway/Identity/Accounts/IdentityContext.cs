using System.Runtime.ExceptionServices;
using Jarvis.ServiceDefaults.Security;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>Accounts for ASP.NET Core Identity's store. The tables are made by <c>Migrations/</c>, not by EF.</summary>
internal sealed class IdentityContext(DbContextOptions<IdentityContext> options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    /// <summary>Commits what <paramref name="work"/> did, by the user manager and by commands on the connection, all or nothing.</summary>
    public async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
            var result = await work((NpgsqlConnection)Database.GetDbConnection());
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        catch (Exception exception) when ((exception as DbUpdateException ?? exception.InnerException as DbUpdateException) is { InnerException: NpgsqlException cause })
        {
            // What the errors' middleware knows how to explain.
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var account = modelBuilder.Entity<Account>();
        account.ToTable("account", "identity").HasKey(row => row.Id);
        account.Property(row => row.Id).HasColumnName("id").ValueGeneratedNever();
        account.Property(row => row.Email).HasColumnName("email");
        account.Property(row => row.NormalizedEmail).HasColumnName("normalized_email");
        account.Property(row => row.UserName).HasColumnName("user_name");
        account.Property(row => row.NormalizedUserName).HasColumnName("normalized_user_name");
        account.Property(row => row.Name).HasColumnName("name");
        account.Property(row => row.EmailConfirmed).HasColumnName("email_confirmed");
        account.Property(row => row.PasswordHash).HasColumnName("password_hash");
        account.Property(row => row.SecurityStamp).HasColumnName("security_stamp");
        account.Property(row => row.ConcurrencyStamp).HasColumnName("concurrency_stamp").IsConcurrencyToken();
        account.Property(row => row.Role).HasColumnName("role").HasConversion(role => role.Name(), name => RoleNames.Parse(name)!.Value);
        account.Property(row => row.DisabledAt).HasColumnName("disabled_at");
        account.Property(row => row.CreatedAt).HasColumnName("created_at");
        account.Property(row => row.LastSignInAt).HasColumnName("last_sign_in_at");
        // Attempts are counted in identity.throttle, for addresses and unknown accounts too.
        account.Ignore(row => row.LockoutEnabled).Ignore(row => row.LockoutEnd).Ignore(row => row.AccessFailedCount);
        account.Ignore(row => row.PhoneNumber).Ignore(row => row.PhoneNumberConfirmed).Ignore(row => row.TwoFactorEnabled);
    }
}
