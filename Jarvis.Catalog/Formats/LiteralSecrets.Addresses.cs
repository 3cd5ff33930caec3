using System.Buffers;

namespace Jarvis.Catalog.Formats;

public static partial class LiteralSecrets
{
    // Whoever has such an address may post by it: its end is the key.
    private static readonly SearchValues<string> SecretAddresses = SearchValues.Create(
        ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/"], StringComparison.OrdinalIgnoreCase);

    // Users, passwords and hosts of this length are none.
    private const int MaxAuthority = 512;

    private static void Addresses(string text, TextSort sort, List<(int Start, int End)> found)
    {
        for (int at = 0, next; (next = text.IndexOf("://", at, StringComparison.Ordinal)) >= 0; at = next + 3)
        {
            var start = next + 3;
            var address = text.AsSpan(start, Math.Min(MaxAuthority, text.Length - start));
            address = address.IndexOfAny(AddressEnds) is var end and >= 0 ? address[..end] : address;
            if (UserInfo(address) is var (from, to) && SecretValues.IsPassword(address[from..to], isAlone: from == 0, sort))
                found.Add((start + from, start + to));
        }

        for (int at = 0, next; (next = text.AsSpan(at).IndexOfAny(SecretAddresses)) >= 0;)
        {
            // Up to the second slash, as each of them is written.
            var start = at + next + text.AsSpan(at + next).IndexOf('/') + 1;
            start += text.AsSpan(start).IndexOf('/') + 1;
            at = End(text, start, AddressEnds);
            var path = text.AsSpan(start, at - start);
            if (SecretValues.IsPath(path))
                found.Add((start, start + SecretValues.PathLength(path)));
        }
    }

    /// <summary>The password before the host, or the user where there is none.</summary>
    private static (int From, int To)? UserInfo(ReadOnlySpan<char> address)
    {
        var authority = address.IndexOfAny('/', '?', '#') is var slash and >= 0 ? address[..slash] : address;
        var at = authority.LastIndexOf('@');
        if (at <= 0)
            return null;
        var colon = authority[..at].IndexOf(':');
        return (colon + 1, at);
    }
}
