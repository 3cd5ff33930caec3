namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>How a prepared body is coded on the wire.</summary>
public enum PreparedCoding
{
    Identity,
    Gzip,
    Brotli,
}

/// <summary>What a client takes, as its <c>Accept-Encoding</c> says (RFC 9110, 12.5.3).</summary>
/// <param name="Coding">The best of those that are made here.</param>
/// <param name="Required">Whether identity was ruled out, so that even a tiny body is to be coded.</param>
public readonly record struct AcceptedCoding(PreparedCoding Coding, bool Required)
{
    public static AcceptedCoding Of(ReadOnlySpan<char> header)
    {
        // Thousandths; -1 where the header says nothing.
        int gzip = -1, brotli = -1, identity = -1, any = -1;
        foreach (var range in header.Split(','))
        {
            var item = header[range];
            var semicolon = item.IndexOf(';');
            var name = (semicolon < 0 ? item : item[..semicolon]).Trim();
            var weight = semicolon < 0 ? 1_000 : Weight(item[(semicolon + 1)..]);
            if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
                gzip = weight;
            else if (name.Equals("br", StringComparison.OrdinalIgnoreCase))
                brotli = weight;
            else if (name.Equals("identity", StringComparison.OrdinalIgnoreCase))
                identity = weight;
            else if (name is "*")
                any = weight;
        }

        gzip = gzip >= 0 ? gzip : Math.Max(any, 0);
        brotli = brotli >= 0 ? brotli : Math.Max(any, 0);
        var required = identity == 0 || (identity < 0 && any == 0);
        // At equal weight the smaller one.
        var best = brotli >= gzip ? (PreparedCoding.Brotli, brotli) : (PreparedCoding.Gzip, gzip);
        // Who excludes all there is gets the body as it is: the RFC lets a server do so, and it helps more than a 406.
        return best.Item2 == 0 || identity > best.Item2 ? new(PreparedCoding.Identity, false) : new(best.Item1, required);
    }

    private static int Weight(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (!parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                continue;
            var given = parameter[2..].Trim();
            return decimal.TryParse(given, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var q) && q <= 1
                ? (int)(q * 1_000)
                : 0;
        }
        return 1_000;
    }
}
