using System.Buffers;
using System.Net.Mail;

namespace Jarvis.Gateway.Identity.Accounts;

/// <summary>E-mail addresses as accounts have them: ASCII, at most 254 characters, the same whatever the case of its letters.</summary>
internal static class EmailAddress
{
    public const int MaxLength = 254;

    private static readonly SearchValues<char> Refused = SearchValues.Create("\"()<>[]\\,;:");

    /// <summary>Reads the field; empty when it is missing or wrong.</summary>
    public static string Email(this BodyReader body, string name)
    {
        var text = body.Text(name, MaxLength);
        if (text.Length == 0 || IsValid(text))
            return text;
        body.Wrong(name, "must be an e-mail address such as ada@example.com");
        return "";
    }

    // No display name, no comment, nothing quoted: just what stands in an envelope.
    public static bool IsValid(string text) =>
        text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.AsSpan().ContainsAny(Refused)
        && text.LastIndexOf('@') is > 0 and <= 64 and var at && text.IndexOf('@', StringComparison.Ordinal) == at && !text.Contains("..", StringComparison.Ordinal)
        && Uri.CheckHostName(text[(at + 1)..]) == UriHostNameType.Dns && MailAddress.TryCreate(text, out var address) && address.Address == text;

    /// <summary>What is compared.</summary>
    public static string Normalize(string email) => email.ToUpperInvariant();
}
