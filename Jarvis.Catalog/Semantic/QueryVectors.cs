using Jarvis.ServiceDefaults.Caching;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// Vectors of queries, normalised and kept. Equal queries share one request, which goes on when its search has stopped waiting: a model that is
/// just being loaded answers the next one.
/// </summary>
public sealed class QueryVectors(IEmbeddingProvider provider, IOptions<EmbeddingOptions> options, TimeProvider time)
{
    /// <summary>As <c>cache/stats</c> has it.</summary>
    public const string CacheName = "query-vectors";

    /// <summary>Requests on their way; further queries are turned away, not queued.</summary>
    private const int MaxOnTheWay = 16;

    private readonly EmbeddingOptions _options = options.Value;
    private readonly Lock _starting = new();
    private readonly Dictionary<string, Task<float[]>> _onTheWay = new(StringComparer.Ordinal);

    public ByteLru<float[]> Cache { get; } = new(new(CacheName, options.Value.QueryCacheBytes), time);

    /// <summary>The vector of <paramref name="query"/>.</summary>
    /// <exception cref="EmbeddingException">The provider gave none, or not in time.</exception>
    public async Task<float[]> GetAsync(string query, CancellationToken cancellationToken)
    {
        if (Cache.TryGet(query, out var known))
            return known;
        try
        {
            return await Begin(query).WaitAsync(TimeSpan.FromMilliseconds(_options.QueryTimeoutMs), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new EmbeddingException(EmbeddingFault.Unavailable, $"it did not answer within {_options.QueryTimeoutMs} ms");
        }
    }

    private Task<float[]> Begin(string query)
    {
        lock (_starting)
        {
            if (_onTheWay.TryGetValue(query, out var begun))
                return begun;
            if (_onTheWay.Count >= MaxOnTheWay)
                throw new EmbeddingException(EmbeddingFault.Throttled, "too many queries wait for it");
            // On another thread: it ends by taking this lock.
            return _onTheWay[query] = Task.Run(() => EmbedAsync(query), CancellationToken.None);
        }
    }

    private async Task<float[]> EmbedAsync(string query)
    {
        try
        {
            var generation = Cache.Generation;
            var answer = await provider.EmbedAsync([_options.QueryPrefix + query], EmbeddingPurpose.Query, CancellationToken.None);
            var vector = new float[answer.Vectors[0].Length];
            VectorMath.Normalise(answer.Vectors[0], vector);
            Cache.Put(query, vector, sizeof(float) * (long)vector.Length, generation);
            return vector;
        }
        finally
        {
            lock (_starting)
                _onTheWay.Remove(query);
        }
    }
}
