using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// What a browser that is signed in by cookie sends in a header with each write (a "signed double submit" bound to the session): another origin's page makes the
/// browser send the cookie, but can read neither it nor this. Follows from the cookie alone, so no replica has to keep it.
/// </summary>
public static class CsrfToken
{
    /// <summary>HMAC-SHA-256 of the word <c>csrf</c> under the cookie's text, in base64url.</summary>
    public static string Of(string cookie) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(cookie), "csrf"u8));

    /// <summary>Compares in constant time.</summary>
    public static bool IsValid(string cookie, string? token) =>
        token is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(cookie)), Encoding.UTF8.GetBytes(token));
}
