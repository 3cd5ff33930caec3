using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Jarvis.Gateway.Identity.Accounts;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>
/// Knows a browser again in which an account signed in lately, by a cookie: where many share one network address, strangers' failed
/// attempts do not make its owner wait. The cookie proves nothing else, and nothing is kept of it: <c>{seconds}.{random}.{HMAC over both
/// and the e-mail address}</c>.
/// </summary>
internal sealed class KnownDevices(ServerSecret secret, IOptions<LockoutOptions> options, TimeProvider time)
{
    /// <summary>As of <see cref="SessionCookie.Name"/>, but it outlives the session.</summary>
    public const string Cookie = "__Host-jarvis-device";

    private const int MaxLength = 120;

    /// <summary>
    /// What names the browser; null when the account did not sign in there within <see cref="LockoutOptions.FamiliarDays"/>.
    /// </summary>
    public string? Of(HttpRequest request, string email)
    {
        if (options.Value.FamiliarDays == 0 || !request.Cookies.TryGetValue(Cookie, out var value) || value.Length > MaxLength
            || value.Split('.') is not [var at, var device, var proof])
            return null;
        var isOurs = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(proof),
            Encoding.UTF8.GetBytes(Proof(at, device, email)));
        return isOurs && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && time.GetUtcNow().ToUnixTimeSeconds() - seconds < TimeSpan.FromDays(options.Value.FamiliarDays).TotalSeconds ? device : null;
    }

    /// <summary>Gives the browser its cookie: the account has just signed in.</summary>
    public void Remember(HttpContext context, string email)
    {
        if (options.Value.FamiliarDays == 0)
            return;
        var now = time.GetUtcNow();
        var at = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var device = Of(context.Request, email) ?? Credentials.NewSecret();
        context.Response.Cookies.Append(Cookie, $"{at}.{device}.{Proof(at, device, email)}", new()
        {
            HttpOnly = true,
            Secure = true,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            IsEssential = true,
            Expires = now.AddDays(options.Value.FamiliarDays),
        });
    }

    private string Proof(string at, string device, string email) =>
        secret.Derive("device", $"{at} {device} {EmailAddress.Normalize(email)}");
}
