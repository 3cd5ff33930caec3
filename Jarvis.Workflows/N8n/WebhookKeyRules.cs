using System.Text.RegularExpressions;

namespace Jarvis.Workflows.N8n;

/// <summary>What can travel as a webhook's key, and in which header.</summary>
internal static partial class WebhookKeyRules
{
    public const int MaxLength = 1_000;

    // Sent with each call already, or the connection's own.
    private static readonly HashSet<string> Taken = new(
        ["Host", "Connection", "Transfer-Encoding", "Content-Type", "Content-Length", "Idempotency-Key", "X-Correlation-ID", "traceparent", "tracestate", "baggage"],
        StringComparer.OrdinalIgnoreCase);

    public static bool IsKey(string key) =>
        key.Length <= MaxLength && key.AsSpan().Trim().Length == key.Length && key.All(character => character is >= ' ' and <= '~');

    /// <summary>A token of RFC 9110 that is not taken.</summary>
    public static bool IsHeader(string name) => Token().IsMatch(name) && !Taken.Contains(name);

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Token();
}
