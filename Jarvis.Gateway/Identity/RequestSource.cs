using System.Text;
using Jarvis.Gateway.Edge;
using Jarvis.ServiceDefaults;

namespace Jarvis.Gateway.Identity;

/// <summary>Where a request comes from, as sessions and the audit log keep it.</summary>
/// <param name="Address">IPv4 or IPv6; null where there is none.</param>
internal sealed record RequestSource(string? Address, string? UserAgent, string? CorrelationId)
{
    private const int MaxUserAgent = 256;

    public static RequestSource Of(HttpContext context)
    {
        var agent = HeaderEncoding.Readable(context.Request.Headers.UserAgent.ToString());
        if (agent.Length > MaxUserAgent)
            agent = agent[..MaxUserAgent];
        // Half of a surrogate pair, cut off here or sent so, is no text that Postgres takes.
        agent = Readable(agent);
        return new(ClientNetwork.Plain(context.Connection.RemoteIpAddress)?.ToString(), agent.Length == 0 ? null : agent, ServiceDefaults.Correlation.CorrelationId.Current);
    }

    /// <summary>The text with what is no valid UTF-16, and what Postgres refuses in texts, replaced.</summary>
    public static string Readable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
