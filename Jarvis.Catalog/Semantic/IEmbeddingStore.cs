using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Semantic;

/// <summary>A vector, as the provider gave it, and the hash of its text.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StoredVector(ContentHash Hash, float[] Vector);

/// <summary>Where vectors outlive the process, shared by all replicas.</summary>
public interface IEmbeddingStore
{
    /// <summary>False until its tables are there.</summary>
    bool IsReady { get; }

    Task<IReadOnlyList<StoredVector>> LoadAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken);

    /// <summary>What is there already, and has the same length, stays.</summary>
    Task SaveAsync(string model, IReadOnlyList<StoredVector> vectors, CancellationToken cancellationToken);

    /// <summary>The right to embed for this model, which one replica has at a time; null when another one has it. Disposing gives it back.</summary>
    Task<IAsyncDisposable?> TryClaimAsync(string model, CancellationToken cancellationToken);

    /// <summary>Notes that these are needed, at most once a day each.</summary>
    Task TouchAsync(string model, IReadOnlyList<ContentHash> hashes, CancellationToken cancellationToken);

    /// <summary>Deletes what nobody has needed for so long, of every model.</summary>
    /// <returns>How many.</returns>
    Task<long> PruneAsync(TimeSpan unused, CancellationToken cancellationToken);
}
