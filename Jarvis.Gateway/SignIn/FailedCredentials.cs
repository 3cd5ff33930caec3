using System.Collections.Concurrent;
using System.Net;
using Jarvis.Gateway.Edge;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// Counts the credentials of a network address that turned out not to be good, in this minute. Each costs a signature or a query before limits are asked, since these
/// need to know who asks; an address with too many is refused before the next is looked at. Who shows a good one that is known already is not held up, and nobody is on
/// the loopback: any program of this machine could keep all others out.
/// </summary>
internal sealed class FailedCredentials(IOptions<SigningOptions> options, TimeProvider time)
{
    /// <summary>Networks of one width that are told apart; what comes on top counts with the wider network around it.</summary>
    public const int MaxNetworks = 20_000;

    // By width, from one party's network to the widest.
    private readonly ConcurrentDictionary<string, int>[] _failures = [new(StringComparer.Ordinal), new(StringComparer.Ordinal), new(StringComparer.Ordinal)];
    private long _minute;

    /// <summary>How long the address has to wait; null when it need not.</summary>
    public TimeSpan? Wait(IPAddress? address)
    {
        if (options.Value.FailedCredentialsPerMinute == 0 || ClientNetwork.IsShared(address))
            return null;
        var now = time.GetUtcNow();
        Turn(now);
        return ClientNetwork.Around(address).Where((network, width) => _failures[width].GetValueOrDefault(network) >= options.Value.FailedCredentialsPerMinute).Any()
            ? TimeSpan.FromSeconds(60 - now.Second) : null;
    }

    public void Add(IPAddress? address)
    {
        if (ClientNetwork.IsShared(address))
            return;
        Turn(time.GetUtcNow());
        foreach (var (width, network) in ClientNetwork.Around(address).Index())
        {
            var failures = _failures[width];
            if (failures.Count >= MaxNetworks && !failures.ContainsKey(network))
                continue;
            failures.AddOrUpdate(network, 1, (_, before) => before + 1);
            return;
        }
    }

    private void Turn(DateTimeOffset now)
    {
        var minute = now.Ticks / TimeSpan.TicksPerMinute;
        if (Interlocked.Exchange(ref _minute, minute) == minute)
            return;
        foreach (var failures in _failures)
            failures.Clear();
    }
}
