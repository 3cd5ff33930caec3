namespace Jarvis.Catalog.Formats;

public static partial class LiteralSecrets
{
    // Whoever has such an address may post by it: its end is the key.
    private static readonly string[] SecretAddresses =
        ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/"];

    private static void Addresses(string text, TextSort sort, List<(int Start, int End)> found)
    {
        for (int at = 0, next; (next = text.IndexOf("://", at, StringComparison.Ordinal)) >= 0;)
        {
            var start = next + 3;
            var end = End(text, start, AddressEnds);
            var address = text.AsSpan(start, end - start);
            if (UserInfo(address) is var (from, to) && SecretValues.IsPassword(address[from..to], isAlone: from == 0, sort))
                found.Add((start + from, start + to));
            foreach (var known in SecretAddresses)
            {
                if (address.IndexOf(known, StringComparison.OrdinalIgnoreCase) is var place and >= 0 && SecretValues.IsPath(address[(place + known.Length)..]))
                    found.Add((start + place + known.Length, start + place + known.Length + SecretValues.PathLength(address[(place + known.Length)..])));
            }

            // What comes next may lie within: an address may be a parameter of another one.
            at = start;
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
