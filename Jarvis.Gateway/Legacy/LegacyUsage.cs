using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Legacy;

/// <summary>
/// Who still calls <c>/api/v1</c>: each call counts in <c>jarvis.gateway.legacy_requests</c> by route and client, and the first of each in an hour is logged.
/// A client is the first product of its <c>User-Agent</c>, such as <c>curl</c>.
/// </summary>
internal sealed partial class LegacyUsage(IMeterFactory meters, IOptions<LegacyOptions> options, TimeProvider time, ILogger<LegacyUsage> logger)
{
    private const int MaxNameLength = 40;
    private static readonly TimeSpan LogEvery = TimeSpan.FromHours(1);

    private readonly Counter<long> _requests = meters.Create("Jarvis.Gateway")
        .CreateCounter<long>("jarvis.gateway.legacy_requests", "{request}", "Requests to deprecated routes, by route and client");

    private readonly ConcurrentDictionary<string, bool> _clients = new(StringComparer.Ordinal);

    // Bounded by the clients that are told apart and the few routes.
    private readonly ConcurrentDictionary<(string Route, string Client), long> _logged = new();

    public void Count(string route, string userAgent)
    {
        var client = Known(Product(userAgent));
        _requests.Add(1, new("route", route), new("client", client));
        var now = time.GetTimestamp();
        if (_logged.TryAdd((route, client), now))
            LogUsed(route, client);
        else if (_logged.TryGetValue((route, client), out var last) && time.GetElapsedTime(last, now) >= LogEvery && _logged.TryUpdate((route, client), now, last))
            LogUsed(route, client);
    }

    /// <summary>The first product token of a <c>User-Agent</c> (RFC 9110, 10.1.5); <c>unknown</c> when it begins with none.</summary>
    internal static string Product(ReadOnlySpan<char> userAgent)
    {
        var length = 0;
        while (length < userAgent.Length && length < MaxNameLength && (char.IsAsciiLetterOrDigit(userAgent[length]) || userAgent[length] is '-' or '_' or '.'))
            length++;
        return length == 0 ? "unknown" : userAgent[..length].ToString();
    }

    private string Known(string client)
    {
        if (_clients.ContainsKey(client))
            return client;
        // A few more than the bound when many come at once: that is no harm.
        return _clients.Count < options.Value.MaxClients && _clients.TryAdd(client, true) ? client : _clients.ContainsKey(client) ? client : "other";
    }

    [LoggerMessage(EventId = 420, Level = LogLevel.Warning, Message = "{Client} calls {Route}, which is deprecated. Said once an hour for each client and route")]
    private partial void LogUsed(string route, string client);
}
