using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary>Every cache that is known here, one row for each cache of each process.</summary>
/// <param name="Instances">Every process that answered with the number of its caches: none, of one that keeps nothing.</param>
/// <param name="Unreachable">Who did not say how its caches fare: <c>service/instance</c>, or <c>service</c>.</param>
/// <param name="Partial">Whether there may be more replicas than were asked.</param>
public sealed record CachesAnswer(IReadOnlyList<CacheStats> Caches, IReadOnlyList<CachesOfInstance> Instances, IReadOnlyList<string> Unreachable, bool Partial);

/// <summary>How many caches one process has.</summary>
public sealed record CachesOfInstance(string Service, string Instance, int Caches);

/// <summary>What was emptied, as <c>service/name</c>.</summary>
/// <param name="Instances">The same for each process that confirmed, those without such a cache too.</param>
/// <param name="Unreachable">Who did not confirm: <c>service/instance</c>, or <c>service</c>.</param>
/// <param name="Partial">Whether there may be more replicas than were asked.</param>
public sealed record ClearedAnswer(IReadOnlyList<string> Cleared, IReadOnlyList<ClearedInstance> Instances, IReadOnlyList<string> Unreachable, bool Partial);

/// <summary>What one process emptied, by the caches' names; nothing where there is no such cache.</summary>
public sealed record ClearedInstance(string Service, string Instance, IReadOnlyList<string> Cleared);

/// <summary>Where <c>cache/stats</c> and <c>cache/clear</c> look: this process' caches, and at the gateway those of every process.</summary>
public interface ICacheDirectory
{
    Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken);

    /// <summary>Empties the cache called <paramref name="name"/>, wherever there is one, or all when it is null.</summary>
    /// <exception cref="FailureException">404 when no cache has the name.</exception>
    Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken);
}
