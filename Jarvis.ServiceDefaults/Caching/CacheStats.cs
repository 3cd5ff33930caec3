namespace Jarvis.ServiceDefaults.Caching;

/// <summary>How one cache fares.</summary>
/// <param name="Service">Whose it is.</param>
/// <param name="MaxBytes">Its bound.</param>
/// <param name="HitRate">Hits of all look-ups, 0 to 1, since the process started; 0 before the first.</param>
/// <param name="Evictions">Entries that made room for others; neither what grew too old nor what was cleared.</param>
/// <param name="TtlMs">Milliseconds for which an entry is good; null when that is for ever.</param>
public sealed record CacheStats(
    string Service, string Name, int Entries, long Bytes, long MaxBytes, long Hits, long Misses, double HitRate, long Evictions, double? TtlMs)
{
    /// <summary>Of whose process, among the service's replicas.</summary>
    public string Instance { get; init; } = "";
}

/// <summary>A cache that can be looked at and emptied: <c>cache/stats</c> and <c>cache/clear</c> find it when it is registered as this.</summary>
public interface ICountedCache
{
    string Name { get; }

    /// <summary>Told under the name of <paramref name="service"/>.</summary>
    CacheStats Stats(string service);

    void Clear();
}
