using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>An account as the API shows it.</summary>
/// <param name="Disabled">It may not sign in.</param>
/// <param name="EmailConfirmed">Its owner has shown to read e-mail at the address; until then it may not sign in.</param>
public sealed record UserView(
    Guid Id, string Email, string? Name, Role Role, bool Disabled, bool EmailConfirmed, DateTimeOffset CreatedAt, DateTimeOffset? LastSignInAt)
{
    internal static UserView Of(Account account) => new(
        account.Id, account.Email!, account.Name, account.Role, account.DisabledAt is not null, account.EmailConfirmed, account.CreatedAt, account.LastSignInAt);
}
