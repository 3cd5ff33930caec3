using System.Collections.Concurrent;
using System.Net;
using Jarvis.Gateway.Identity;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.SignIn;

/// <summary>
/// Counts the credentials of a network address that turned out not to be good, in this minute. Each costs a signature or a query before limits are asked, since these
/// need to know who asks; an address with too many is refused before the next is looked at. Who shows a good one that is known already is not held up.
/// </summary>
internal sealed class FailedCredentials(IOptions<SigningOptions> options, TimeProvider time)
{
    private const int MaxAddresses = 20_000;

    private readonly ConcurrentDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _minute;

    /// <summary>How long the address has to wait; null when it need not.</summary>
    public TimeSpan? Wait(IPAddress? address)
    {
        if (options.Value.FailedCredentialsPerMinute == 0)
            return null;
        var now = time.GetUtcNow();
        Turn(now);
        return _failures.GetValueOrDefault(RequestSource.NetworkOf(address)) >= options.Value.FailedCredentialsPerMinute ? TimeSpan.FromSeconds(60 - now.Second) : null;
    }

    public void Add(IPAddress? address)
    {
        // More addresses than anybody has: each of them has a minute's failures of its own, and no more.
        if (_failures.Count < MaxAddresses)
            _failures.AddOrUpdate(RequestSource.NetworkOf(address), 1, (_, before) => before + 1);
    }

    private void Turn(DateTimeOffset now)
    {
        var minute = now.Ticks / TimeSpan.TicksPerMinute;
        if (Interlocked.Exchange(ref _minute, minute) != minute)
            _failures.Clear();
    }
}
