using Jarvis.Catalog.Semantic;

namespace Jarvis.Catalog.Tests;

/// <summary>What Postgres does for embeddings, as far as rounds can tell.</summary>
public sealed class SemanticMemoryStore : IEmbeddingStore
{
    private readonly Dictionary<(string Model, ContentHash Hash), float[]> _rows = [];
    private readonly HashSet<string> _claims = [];

    public bool IsReady { get; set; } = true;

    public bool IsDown { get; set; }

    public int Count => _rows.Count;

    public int Touched { get; private set; }

    public Task<IReadOnlyList<StoredVector>> LoadAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        return Task.FromResult<IReadOnlyList<StoredVector>>([.. hashes.Where(hash => _rows.ContainsKey((model, hash))).Select(hash => new StoredVector(hash, _rows[(model, hash)]))]);
    }

    public Task SaveAsync(string model, IReadOnlyList<StoredVector> vectors, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        foreach (var (hash, vector) in vectors)
            _rows[(model, hash)] = vector;
        return Task.CompletedTask;
    }

    public Task<IAsyncDisposable?> TryClaimAsync(string model, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable?>(_claims.Add(model) ? new Claim(() => _claims.Remove(model)) : null);

    public Task TouchAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken)
    {
        ThrowIfDown();
        Touched += hashes.Count;
        return Task.CompletedTask;
    }

    public Task<long> PruneAsync(TimeSpan unused, CancellationToken cancellationToken) => Task.FromResult(0L);

    private void ThrowIfDown()
    {
        if (IsDown)
            throw new TimeoutException("down");
    }

    private sealed class Claim(Action release) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            release();
            return ValueTask.CompletedTask;
        }
    }
}
