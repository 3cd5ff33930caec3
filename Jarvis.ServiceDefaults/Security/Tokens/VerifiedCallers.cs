using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Jarvis.ServiceDefaults.Caching;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>A caller whose credential was checked.</summary>
/// <param name="Principal">Of the caller; the same object for all of its requests.</param>
/// <param name="Until">When the credential must be checked again.</param>
/// <param name="Credential">What goes to the services in its place (a value of <c>Authorization</c>); null when they take it as it is.</param>
public sealed record VerifiedCaller(Caller Caller, ClaimsPrincipal Principal, DateTimeOffset Until, string? Credential = null);

/// <summary>
/// Credentials that were checked, by hash, until they end: an ES256 signature costs more than a read from memory. Bounded; reading takes no lock. What was revoked
/// goes at once, and a check that began before does not bring it back.
/// </summary>
public sealed class VerifiedCallers(IOptions<SecurityOptions> options, TimeProvider time) : ICountedCache
{
    // A caller, its principal and its place in the table, roughly.
    private const int EntryBytes = 700;

    private readonly ConcurrentDictionary<SecretHash, VerifiedCaller> _callers = new();
    private readonly Lock _filling = new();
    private long _generation;
    private long _hits;
    private long _misses;
    private long _evictions;

    public string Name => "verified-callers";

    /// <summary>Moves whenever something is dropped; taken before a check, and given back with its result.</summary>
    public long Generation => Volatile.Read(ref _generation);

    public bool TryGet(SecretHash credential, [NotNullWhen(true)] out VerifiedCaller? caller)
    {
        if (_callers.TryGetValue(credential, out caller) && caller.Until > time.GetUtcNow())
        {
            Interlocked.Increment(ref _hits);
            return true;
        }
        Interlocked.Increment(ref _misses);
        return false;
    }

    public void Keep(SecretHash credential, VerifiedCaller caller, long generation)
    {
        if (options.Value.MaxVerifiedTokens == 0)
            return;
        lock (_filling)
        {
            if (generation != _generation)
                return;
            if (_callers.Count >= options.Value.MaxVerifiedTokens)
                MakeRoom();
            _callers[credential] = caller;
        }
    }

    /// <summary>Forgets whoever <paramref name="isMeant"/> says.</summary>
    public void Drop(Func<Caller, bool> isMeant)
    {
        lock (_filling)
        {
            _generation++;
            foreach (var (credential, caller) in _callers)
            {
                if (isMeant(caller.Caller))
                    _callers.TryRemove(credential, out _);
            }
        }
    }

    public void Clear() => Drop(_ => true);

    public CacheStats Stats(string service)
    {
        var (hits, misses, entries) = (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), _callers.Count);
        return new(service, Name, entries, (long)entries * EntryBytes, (long)options.Value.MaxVerifiedTokens * EntryBytes, hits, misses,
            hits + misses == 0 ? 0 : Math.Round((double)hits / (hits + misses), 4), Interlocked.Read(ref _evictions), TtlMs: null);
    }

    /// <summary>Those that have ended; when there are none, a tenth: who was dropped is checked again.</summary>
    private void MakeRoom()
    {
        var now = time.GetUtcNow();
        foreach (var (credential, caller) in _callers)
        {
            if (caller.Until <= now)
                _callers.TryRemove(credential, out _);
        }
        var spare = options.Value.MaxVerifiedTokens - Math.Max(1, options.Value.MaxVerifiedTokens / 10);
        foreach (var (credential, _) in _callers)
        {
            if (_callers.Count <= spare)
                return;
            if (_callers.TryRemove(credential, out _))
                Interlocked.Increment(ref _evictions);
        }
    }
}
