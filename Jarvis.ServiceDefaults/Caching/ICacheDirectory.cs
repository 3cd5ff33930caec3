using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary>Every cache that is known here.</summary>
/// <param name="Unreachable">Services that did not say how theirs fare, by name.</param>
public sealed record CachesAnswer(IReadOnlyList<CacheStats> Caches, IReadOnlyList<string> Unreachable);

/// <summary>What was emptied, as <c>service/name</c>.</summary>
/// <param name="Unreachable">Services that did not confirm, by name.</param>
public sealed record ClearedAnswer(IReadOnlyList<string> Cleared, IReadOnlyList<string> Unreachable);

/// <summary>Where <c>cache/stats</c> and <c>cache/clear</c> look: this process' caches, and at the gateway those of every service.</summary>
public interface ICacheDirectory
{
    Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken);

    /// <summary>Empties the cache called <paramref name="name"/>, wherever there is one, or all when it is null.</summary>
    /// <exception cref="FailureException">404 when no cache has the name.</exception>
    Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken);
}
