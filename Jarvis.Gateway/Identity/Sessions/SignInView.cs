using System.Text.Json.Serialization;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.Gateway.SignIn;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>The body of <c>POST auth/login</c> as the API description shows it.</summary>
/// <param name="Session"><c>token</c> (default): tokens in the answer; <c>cookie</c>: an HttpOnly cookie, for browsers.</param>
public sealed record LoginBody(string Email, string Password, string? Session);

/// <summary>The body of <c>POST auth/refresh</c>.</summary>
public sealed record RefreshBody(string RefreshToken);

/// <summary>The body of <c>POST auth/logout</c>; none of it is needed by who is signed in.</summary>
/// <param name="RefreshToken">Of the session that ends, for who has no access token any more.</param>
/// <param name="Everywhere">All sessions of the account end.</param>
/// <param name="RevokeApiKeys">With <paramref name="Everywhere"/>: its API keys are revoked, too.</param>
public sealed record LogoutBody(string? RefreshToken, bool? Everywhere, bool? RevokeApiKeys);

/// <summary>How many sessions ended, and how many API keys were revoked with them.</summary>
public sealed record SignedOut(int SessionsEnded, int ApiKeysRevoked);

/// <summary>What a client needs from now on; with a cookie the tokens are missing, else the CSRF token.</summary>
/// <param name="RefreshExpiresAt">When the session ends if it is not used.</param>
public sealed record SignInView(UserView User, Guid SessionId, DateTimeOffset RefreshExpiresAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AccessToken { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TokenType { get; init; }

    /// <summary>Seconds that the access token is good for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpiresIn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RefreshToken { get; init; }

    /// <summary>To be sent with each write of a session by cookie.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CsrfToken { get; init; }

    /// <summary>The answer to a sign-in; sets the cookie of one by cookie.</summary>
    internal static SignInView Of(SignedIn signedIn, HttpContext context, TimeProvider time)
    {
        var (account, session, access) = signedIn;
        if (access is not null)
            return OfTokens(UserView.Of(account), session.Id, access, session.Secret, session.ExpiresAt, time);
        SessionCookie.Set(context.Response, session.Secret, session.MaxExpiresAt);
        return new(UserView.Of(account), session.Id, session.ExpiresAt) { CsrfToken = SignIn.CsrfToken.Of(session.Secret) };
    }

    internal static SignInView OfTokens(UserView user, Guid session, AccessToken access, string refreshToken, DateTimeOffset refreshExpires, TimeProvider time) =>
        new(user, session, refreshExpires)
        {
            AccessToken = access.Token,
            TokenType = "Bearer",
            ExpiresIn = (long)Math.Round((access.ExpiresAt - time.GetUtcNow()).TotalSeconds),
            ExpiresAt = access.ExpiresAt,
            RefreshToken = refreshToken,
        };
}

/// <summary>Who asks, and what it may do now.</summary>
/// <param name="Role">The one in force: an API key's may be lower than its account's; null when its scopes give it none.</param>
/// <param name="Session">The sign-in or the API key.</param>
/// <param name="CsrfToken">Of a session by cookie; else null.</param>
public sealed record MeView(UserView User, ServiceDefaults.Security.Role? Role, IReadOnlyList<string> Scopes, MeSession Session, string? CsrfToken);

/// <summary>What a request is signed in by.</summary>
/// <param name="Kind"><c>token</c>, <c>cookie</c> or <c>api_key</c>.</param>
public sealed record MeSession(Guid Id, string Kind, DateTimeOffset ExpiresAt);
