using System.Collections.Concurrent;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>What has ended, as it travels on <see cref="Revoked.Topic"/>: one session or API key, or all that an account showed until then.</summary>
public sealed record RevokedMessage(Guid? AccountId, Guid? SessionId, DateTimeOffset At);

/// <summary>
/// What has ended of late: tokens that were issued before are not taken, however good their signature. Kept as long as a token may live. The gateway asks
/// Postgres besides; a service that was started later, or did not hear of it while Redis was away, takes such a token from within the network until it expires.
/// </summary>
public sealed class Revoked(VerifiedCallers callers, TimeProvider time)
{
    public const string Topic = "jarvis.revocation";
    private const int MaxKept = 100_000;

    /// <summary>No access token lives longer.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(65);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ended = new();
    private readonly ConcurrentDictionary<int, Action<RevokedMessage>> _handlers = new();
    private int _handlerId;

    public void Add(RevokedMessage message)
    {
        if ((message.SessionId ?? message.AccountId) is not { } id)
            return;
        if (_ended.Count >= MaxKept)
            Prune();
        _ended.AddOrUpdate(id, message.At, (_, before) => before > message.At ? before : message.At);
        // Whenever it was checked: between the time that is told and the commit the old state could still be read. Who is still good is checked again.
        callers.Drop(caller => caller.SessionId == id || caller.AccountId == id);
        foreach (var handler in _handlers.Values)
            handler(message);
    }

    public bool Holds(Guid session, Guid account, DateTimeOffset issuedAt) =>
        _ended.ContainsKey(session)
        || (_ended.TryGetValue(account, out var at) && issuedAt <= at);

    /// <summary>Calls <paramref name="handler"/> for each, until the result is disposed; be quick. One may come twice.</summary>
    public IDisposable Subscribe(Action<RevokedMessage> handler)
    {
        var id = Interlocked.Increment(ref _handlerId);
        _handlers[id] = handler;
        return new Subscription(() => _handlers.TryRemove(id, out _));
    }

    private void Prune()
    {
        var oldest = time.GetUtcNow() - Kept;
        foreach (var (id, at) in _ended)
        {
            if (at < oldest)
                _ended.TryRemove(id, out _);
        }
        // More than the bound in an hour: the gateway still knows each of them.
        if (_ended.Count >= MaxKept)
            _ended.Clear();
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
