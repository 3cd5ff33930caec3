using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// The vectors in memory and which entry has which. A new snapshot costs one look-up an entry, and a hash for each that is new; vectors that no
/// entry needs any more leave when they are the greater part.
/// </summary>
public sealed class SemanticIndex(IOptions<EmbeddingOptions> options)
{
    private const int SpareVectors = 1_024;

    private readonly Lock _writing = new();
    private Dictionary<string, ContentHash> _known = [];
    private VectorPool? _pool;
    private volatile SemanticView? _view;

    /// <summary>The newest view, of whatever snapshot; null before the first.</summary>
    public SemanticView? Latest => _view;

    /// <summary>The view of <paramref name="snapshot"/>, made when it is not there; null until the first one has been made in the background.</summary>
    public SemanticView? For(CatalogSnapshot snapshot) =>
        _view is not { } view ? null : ReferenceEquals(view.Entries, snapshot.Entries) ? view : Map(snapshot.Entries);

    /// <summary>Makes the view of <paramref name="entries"/> anew, with all vectors that are there.</summary>
    public SemanticView Map(IReadOnlyList<CatalogEntry> entries)
    {
        lock (_writing)
        {
            var (known, hashes) = Hash(entries);
            if (_pool is { } pool && pool.Count > SpareVectors && pool.Count > 2 * hashes.Length)
                _pool = pool.Keep(hashes);
            (_known, _view) = (known, new(entries, hashes, _pool));
            return _view;
        }
    }

    /// <summary>Takes vectors in; the next <see cref="Map"/> shows them.</summary>
    /// <returns>Those that were left out for having another length than the ones before.</returns>
    public int Add(IReadOnlyList<StoredVector> vectors)
    {
        lock (_writing)
        {
            var refused = 0;
            foreach (var (hash, vector) in vectors)
            {
                _pool ??= new(vector.Length);
                if (vector.Length == _pool.Dimensions)
                    _pool.Add(hash, vector);
                else
                    refused++;
            }

            return refused;
        }
    }

    // By the entry's own hash, so that a text is put together and hashed once and not with each snapshot.
    private (Dictionary<string, ContentHash> Known, ContentHash[] Hashes) Hash(IReadOnlyList<CatalogEntry> entries)
    {
        var known = new Dictionary<string, ContentHash>(entries.Count, StringComparer.Ordinal);
        var hashes = new ContentHash[entries.Count];
        for (var i = 0; i < hashes.Length; i++)
        {
            var entry = entries[i];
            if (!_known.TryGetValue(entry.Hash, out hashes[i]))
                hashes[i] = EmbeddingText.Hash(EmbeddingText.Of(entry, options.Value));
            known[entry.Hash] = hashes[i];
        }

        return (known, hashes);
    }
}
