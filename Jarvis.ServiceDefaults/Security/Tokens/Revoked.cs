using System.Collections.Concurrent;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>What has ended, as it travels on <see cref="Revoked.Topic"/>: one session or API key, or all that an account showed until then.</summary>
public sealed record RevokedMessage(Guid? AccountId, Guid? SessionId, DateTimeOffset At);

/// <summary>
/// What has ended of late: tokens that were issued before are not taken, however good their signature. Kept as long as a token may live,
/// and never forgotten before: with more than it keeps, the oldest make way for a time up to which no token is taken at all, so that
/// their holders refresh. The gateway asks Postgres besides; a service that was started later, or did not hear of it while Redis was
/// away, takes such a token from within the network until it expires.
/// </summary>
public sealed class Revoked(VerifiedCallers callers, TimeProvider time)
{
    public const string Topic = "jarvis.revocation";
    internal const int MaxKept = 200_000;

    /// <summary>No access token lives longer.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(65);

    // Between the time that a revocation tells and its commit a token could still be issued.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ended = new();
    private readonly ConcurrentDictionary<int, Action<RevokedMessage>> _handlers = new();
    private readonly Lock _pruning = new();
    private int _handlerId;
    private long _untilTicks;

    public void Add(RevokedMessage message) => AddAll([message]);

    /// <summary>Takes note of many: all hold before the first is told to whoever subscribed.</summary>
    public void AddAll(IReadOnlyCollection<RevokedMessage> messages)
    {
        var ids = new HashSet<Guid>();
        foreach (var message in messages)
        {
            if ((message.SessionId ?? message.AccountId) is not { } id)
                continue;
            ids.Add(id);
            _ended.AddOrUpdate(id, message.At, (_, before) => before > message.At ? before : message.At);
        }
        if (ids.Count == 0)
            return;
        if (_ended.Count >= MaxKept)
            Prune();
        // Whenever it was checked: between the time that is told and the commit the old state could still be read. Who is still good is checked again.
        var until = Volatile.Read(ref _untilTicks);
        callers.Drop(caller => ids.Contains(caller.SessionId) || ids.Contains(caller.AccountId) || caller.IssuedAt.UtcTicks <= until);
        foreach (var handler in _handlers.Values)
        {
            foreach (var message in messages)
                handler(message);
        }
    }

    public bool Holds(Guid session, Guid account, DateTimeOffset issuedAt) =>
        _ended.ContainsKey(session)
        || (_ended.TryGetValue(account, out var at) && issuedAt <= at)
        || issuedAt.UtcTicks <= Volatile.Read(ref _untilTicks);

    /// <summary>Calls <paramref name="handler"/> for each, until the result is disposed; be quick. One may come twice.</summary>
    public IDisposable Subscribe(Action<RevokedMessage> handler)
    {
        var id = Interlocked.Increment(ref _handlerId);
        _handlers[id] = handler;
        return new Subscription(() => _handlers.TryRemove(id, out _));
    }

    private void Prune()
    {
        lock (_pruning)
        {
            var oldest = time.GetUtcNow() - Kept;
            foreach (var ended in _ended)
            {
                // Only as it was read: it may have been revoked anew.
                if (ended.Value < oldest)
                    _ended.TryRemove(ended);
            }
            if (_ended.Count < MaxKept)
                return;
            var dropped = _ended.OrderBy(ended => ended.Value).Take(MaxKept / 4).ToArray();
            Volatile.Write(ref _untilTicks, Math.Max(_untilTicks, (dropped[^1].Value + Margin).UtcTicks));
            foreach (var ended in dropped)
                _ended.TryRemove(ended);
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
