using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Identity;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>A person's account. Its user name is its e-mail address.</summary>
internal sealed class Account : IdentityUser<Guid>
{
    /// <summary>What the person is called; null when it did not say.</summary>
    public string? Name { get; set; }

    public Role Role { get; set; }

    /// <summary>Since when it may not sign in.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Whether sign-in with the right password succeeds.</summary>
    public bool MaySignIn => DisabledAt is null && EmailConfirmed;
}
