namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>The cookie of a browser that is signed in: 256 random bits, and nothing else.</summary>
internal static class SessionCookie
{
    /// <summary>The prefix makes browsers take it only over TLS (or from the loopback), for this host and every path.</summary>
    public const string Name = "__Host-jarvis";

    public static string? Of(HttpRequest request) => request.Cookies.TryGetValue(Name, out var value) && value.Length == Credentials.SecretLength ? value : null;

    public static void Set(HttpResponse response, string cookie, DateTimeOffset expires) => response.Cookies.Append(Name, cookie, Options(expires));

    public static void Clear(HttpResponse response) => response.Cookies.Delete(Name, Options(expires: null));

    private static CookieOptions Options(DateTimeOffset? expires) =>
        new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true, Expires = expires };
}
