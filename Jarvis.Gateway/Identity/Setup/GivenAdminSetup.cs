using Jarvis.Gateway.Audit;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.Identity.Passwords;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Gateway.Identity.Setup;

/// <summary>Makes the first account at start from <c>Auth:Admin</c>, for installations that nobody watches. Where there is an account, it does nothing.</summary>
internal sealed partial class GivenAdminSetup(
    IServiceScopeFactory scopes, MigrationRunner migrations, SetupState state, PasswordChecks passwords, PasswordPolicy policy, AuditLog audit, IOptions<AuthOptions> options,
    TimeProvider time, ILogger<GivenAdminSetup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Admin is not { Email: { Length: > 0 } email, Password: { Length: > 0 } password })
            return;
        using var untraced = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        for (var first = true; !await TryAsync(email, password, first, stoppingToken); first = false)
            await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
    }

    private async Task<bool> TryAsync(string email, string password, bool first, CancellationToken cancellationToken)
    {
        try
        {
            if (await state.IsOverAsync(cancellationToken))
                return true;
            var problems = EmailAddress.IsValid(email) ? policy.Problems(password, email, name: null).Select(problem => $"The password {problem}.").ToList() : ["It is no e-mail address."];
            if (problems.Count > 0)
            {
                var reason = string.Join(' ', problems);
                LogRefused(reason);
                return true;
            }
            using var place = passwords.Enter();
            var hash = await passwords.HashAsync(place, password, cancellationToken);
            await using var scope = scopes.CreateAsyncScope();
            var made = await scope.ServiceProvider.GetRequiredService<FirstAccount>().CreateAsync(email, name: null, hash, async (connection, account) =>
            {
                await audit.WriteAsync(connection, new(SetupApi.Action, AuditLog.Success) { AccountId = account.Id, Target = account.Id.ToString(), Detail = "from Auth:Admin" }, cancellationToken);
                return account;
            }, cancellationToken);
            if (made is not null)
                LogMade();
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (first)
                LogRetry(exception.Message);
            return false;
        }
    }

    [LoggerMessage(EventId = 431, Level = LogLevel.Information, Message = "Made the first account, an admin's, from Auth:Admin")]
    private partial void LogMade();

    [LoggerMessage(EventId = 432, Level = LogLevel.Critical, Message = "Auth:Admin cannot be the first account: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(EventId = 433, Level = LogLevel.Warning,
        Message = "The first account could not be made yet ({Reason}); tried every second")]
    private partial void LogRetry(string reason);
}
