using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Registry;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary>The caches of this process.</summary>
public sealed class LocalCaches(IEnumerable<ICountedCache> caches, InstanceIdentity own) : ICacheDirectory
{
    private readonly IReadOnlyList<ICountedCache> _caches = [.. caches.OrderBy(cache => cache.Name, StringComparer.Ordinal)];

    public IReadOnlyList<CacheStats> Stats() => [.. _caches.Select(cache => cache.Stats(own.Service) with { Instance = own.Instance })];

    /// <summary>Empties the cache called <paramref name="name"/>, or all; returns the names of those that were, none when no cache has the name.</summary>
    public IReadOnlyList<string> Clear(string? name)
    {
        var cleared = _caches.Where(cache => name is null || cache.Name == name).ToList();
        cleared.ForEach(cache => cache.Clear());
        return [.. cleared.Select(cache => cache.Name)];
    }

    public Task<CachesAnswer> StatsAsync(CancellationToken cancellationToken) => Task.FromResult(new CachesAnswer(Stats(), [new(own.Service, own.Instance, _caches.Count)], [], Partial: false));

    public Task<ClearedAnswer> ClearAsync(string? name, CancellationToken cancellationToken)
    {
        var cleared = Clear(name);
        return cleared.Count == 0 && name is not null
            ? throw NotFound(name, _caches.Select(cache => cache.Name)).AsException()
            : Task.FromResult(new ClearedAnswer([.. cleared.Select(cache => $"{own.Service}/{cache}")], [new(own.Service, own.Instance, cleared)], [], Partial: false));
    }

    /// <summary>The 404 that says which caches there are.</summary>
    public static Failure NotFound(string name, IEnumerable<string> known) =>
        Failure.NotFound($"No cache is named '{(name.Length <= 100 ? name : $"{name[..100]}…")}'. There are: {string.Join(", ", known.Distinct(StringComparer.Ordinal))}.");
}
