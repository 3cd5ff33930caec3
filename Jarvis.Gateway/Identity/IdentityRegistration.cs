using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.ApiKeys;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.Gateway.Identity.Registration;
using Jarvis.Gateway.Identity.Sessions;
using Jarvis.Gateway.Identity.Setup;
using Jarvis.Gateway.Identity.Tickets;
using Jarvis.Gateway.Limits;
using Jarvis.Gateway.Mail;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Identity;

/// <summary>Accounts and all that they sign in with: schema <c>identity</c>.</summary>
public static class IdentityRegistration
{
    private const string Schema = "identity";

    public static void AddIdentity(this IHostApplicationBuilder builder)
    {
        // Without a database (a gateway that is tried on its own) it starts all the same, and says 503 where an account is needed: nobody listens on port 1.
        if (string.IsNullOrEmpty(builder.Configuration.GetConnectionString(PostgresSchemaExtensions.ConnectionName)))
            builder.Configuration.AddInMemoryCollection([new($"ConnectionStrings:{PostgresSchemaExtensions.ConnectionName}", "Host=127.0.0.1;Port=1")]);
        builder.AddPostgresSchema(Schema);
        builder.AddAudit();
        builder.AddMail();
        var services = builder.Services;
        services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<LockoutOptions>().BindConfiguration("Auth:Lockout").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ServerSecret>();
        services.AddAccounts();
        services.AddPasswords();
        services.AddSessions();
        services.AddSingleton<SetupState>();
        services.AddScoped<FirstAccount>();
        services.AddHostedService<GivenAdminSetup>();
        services.AddSingleton<Invitations>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<WsTickets>();
        services.AddSingleton<IWsTickets>(provider => provider.GetRequiredService<WsTickets>());
        services.AddHostedService<IdentityPruner>();
    }

    /// <summary>The pages that links lead to, at the root.</summary>
    public static void MapIdentityPages(this IEndpointRouteBuilder routes) => routes.MapAccountPages();

    /// <summary>Below <c>/api/v2</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth").WithTags("Identity").AddEndpointFilter((context, next) =>
        {
            // Tokens and cookies are nobody else's.
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        auth.MapSetup();
        auth.MapRegister();
        auth.MapInvitations();
        auth.MapSignIn();
        auth.MapSessions();
        auth.MapPasswords();
        auth.MapApiKeys();
        auth.MapTickets();
        routes.MapUsers();
        routes.MapAudit();
    }

    private static void AddAccounts(this IServiceCollection services)
    {
        services.AddDbContext<IdentityContext>((provider, options) => options
            .UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())
            .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.CommandExecuted, LogLevel.Debug))));
        services.AddIdentityCore<Account>(identity => identity.User.RequireUniqueEmail = true);
        services.AddScoped<IUserStore<Account>>(provider => new UserOnlyStore<Account, IdentityContext, Guid>(provider.GetRequiredService<IdentityContext>()));
        // Addresses are checked where they come in, and are unique by the table.
        services.RemoveAll<IUserValidator<Account>>();
        services.RemoveAll<IPasswordValidator<Account>>();
        services.AddSingleton<IPasswordValidator<Account>>(provider => provider.GetRequiredService<PasswordPolicy>());
        services.AddScoped<UserAdmin>();
    }

    private static void AddPasswords(this IServiceCollection services)
    {
        services.AddOptions<PasswordHasherOptions>().Configure<IOptions<AuthOptions>>((hasher, auth) => hasher.IterationCount = auth.Value.PasswordIterations);
        services.RemoveAll<IPasswordHasher<Account>>();
        services.AddSingleton<IPasswordHasher<Account>, PasswordHasher<Account>>();
        services.AddSingleton<CommonPasswords>();
        services.AddSingleton<PasswordPolicy>();
        services.AddSingleton<PasswordWorkers>();
        services.AddSingleton<PasswordChecks>();
        services.AddScoped<PasswordService>();
    }

    private static void AddSessions(this IServiceCollection services)
    {
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<Throttle>();
        services.AddSingleton<IKnownCallers, KnownCallers>();
        services.AddSingleton<SessionStore>();
        services.AddScoped<RefreshTokens>();
        services.AddScoped<SignInService>();
        services.AddSingleton<UsageWriter>();
        services.AddSingleton<IUsage>(provider => provider.GetRequiredService<UsageWriter>());
        services.AddHostedService(provider => provider.GetRequiredService<UsageWriter>());
    }
}
