using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>How a caller showed who it is.</summary>
public enum CallerKind
{
    /// <summary>A person, or a program that signed in as one: an access token or a session cookie.</summary>
    User,

    /// <summary>A program with an API key.</summary>
    ApiKey,

    /// <summary>Another service of Jarvis.</summary>
    Service,
}

/// <summary>Who sends a request, once it is known: set before limits, routes and caches are looked at.</summary>
/// <param name="Kind">How it was shown.</param>
/// <param name="AccountId">The account; empty for a service.</param>
/// <param name="SessionId">The sign-in, or the API key, that the request belongs to: what ends when somebody signs out or revokes.</param>
/// <param name="Role">What it may do at most; null when its scopes give it no role.</param>
/// <param name="Scopes">What else it may do, such as <see cref="Security.Scopes.TelemetryWrite"/>.</param>
/// <param name="IssuedAt">When this was last written down: what was revoked later holds against it.</param>
/// <param name="ExpiresAt">Until when this is known; a connection that outlives it is closed.</param>
public sealed record Caller(
    CallerKind Kind, Guid AccountId, Guid SessionId, Role? Role, IReadOnlyList<string> Scopes, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    public static Caller Service { get; } =
        new(CallerKind.Service, Guid.Empty, Guid.Empty, Security.Role.Admin, [], DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    /// <summary>Whether it has <paramref name="role"/> or a higher one.</summary>
    public bool Has(Role role) => Role >= role;

    public bool HasScope(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);
}

/// <summary>A <see cref="Security.Caller"/> in the form that ASP.NET Core passes around.</summary>
public sealed class CallerIdentity : ClaimsIdentity
{
    public CallerIdentity(Caller caller)
        : base("Jarvis", "sub", "role")
    {
        Caller = caller;
        AddClaim(new Claim("sub", caller.Kind == CallerKind.Service ? "service" : caller.AccountId.ToString()));
        if (caller.Role is { } role)
            AddClaim(new Claim("role", role.Name()));
    }

    public Caller Caller { get; }
}

public static class CallerExtensions
{
    /// <summary>Who sends this request; null when nobody is signed in.</summary>
    public static Caller? Caller(this HttpContext context) => (context.User.Identity as CallerIdentity)?.Caller;

    /// <summary>The same for a handler behind a policy, where somebody always is.</summary>
    public static Caller RequiredCaller(this HttpContext context) =>
        context.Caller() ?? throw new InvalidOperationException("The route has no policy that demands a caller.");
}
