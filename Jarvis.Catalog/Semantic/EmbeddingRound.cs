using System.Collections.Concurrent;
using System.Diagnostics;
using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Semantic;

/// <summary>
/// One look at the current snapshot: vectors that the store has are loaded, those that nobody has are embedded, stored and taken into the index.
/// A round embeds so much and no more, so that a file that was just saved does not wait for a whole library.
/// </summary>
public sealed class EmbeddingRound(
    CatalogStore catalog, SemanticIndex index, IEmbeddingStore store, IEmbeddingProvider provider, EmbeddingState state, IOptions<EmbeddingOptions> options, TimeProvider time)
{
    public static readonly TimeSpan RefusalLasts = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaintenanceInterval = TimeSpan.FromHours(6);

    private static readonly ActivitySource Source = new("Jarvis.Catalog");

    private const int RowsOfLoad = 1_000;
    private const int BatchesOfRound = 8;

    /// <summary>So many texts refused in a row mean that it is not the texts.</summary>
    private const int MaxRefusalsInARow = 8;

    private readonly EmbeddingOptions _options = options.Value;
    private readonly ConcurrentDictionary<ContentHash, long> _refused = new();
    private readonly ConcurrentQueue<StoredVector> _unsaved = new();
    private long? _maintained;
    private int _refusalsInARow;

    /// <summary>Does what there is to do.</summary>
    /// <returns>Whether there may be more to do at once.</returns>
    /// <exception cref="EmbeddingException">The provider failed; what was embedded before is kept.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (catalog.Current is not { } snapshot)
            return false;
        if (index.Latest is not { } view || !ReferenceEquals(view.Entries, snapshot.Entries))
            view = index.Map(snapshot.Entries);
        state.Waits(store.IsReady ? null : "Postgres");
        if (!store.IsReady)
            return false;

        await SaveAsync(cancellationToken);
        var missing = await LoadAsync(snapshot.Entries, Missing(view), cancellationToken);
        await MaintainAsync(view, cancellationToken);
        if (missing.Count == 0)
        {
            state.Works();
            return false;
        }

        await using var claim = await store.TryClaimAsync(_options.Key, cancellationToken);
        state.Waits(claim is null ? "another replica, which embeds" : null);
        if (claim is null)
            return false;
        // Whoever had the claim until now may have left nothing to do.
        missing = await LoadAsync(snapshot.Entries, missing, cancellationToken);
        await EmbedAsync(snapshot.Entries, [.. missing.Take(_options.BatchSize * _options.MaxConcurrency * BatchesOfRound)], cancellationToken);
        state.Works();
        return true;
    }

    /// <summary>The entries, one for each text that has no vector, apart from texts that were refused a short while ago.</summary>
    private List<(int Entry, ContentHash Hash)> Missing(SemanticView view)
    {
        foreach (var (hash, at) in _refused)
        {
            if (time.GetElapsedTime(at) > RefusalLasts)
                _refused.TryRemove(hash, out _);
        }

        state.TextsRefused(_refused.Count);
        if (view.Embedded == view.Total)
            return [];
        var seen = new HashSet<ContentHash>();
        return [.. Enumerable.Range(0, view.Total).Where(entry => !view.Has(entry) && !_refused.ContainsKey(view.Hashes[entry]) && seen.Add(view.Hashes[entry]))
            .Select(entry => (entry, view.Hashes[entry]))];
    }

    private async Task<List<(int Entry, ContentHash Hash)>> LoadAsync(
        IReadOnlyList<CatalogEntry> entries, List<(int Entry, ContentHash Hash)> missing, CancellationToken cancellationToken)
    {
        if (missing.Count == 0)
            return missing;
        var found = new HashSet<ContentHash>();
        foreach (var batch in missing.Chunk(RowsOfLoad))
        {
            var loaded = await store.LoadAsync(_options.Key, Array.ConvertAll(batch, item => item.Hash), cancellationToken);
            index.Add([.. loaded.Where(vector => _options.Dimensions is null || vector.Vector.Length == _options.Dimensions)]);
            found.UnionWith(loaded.Select(vector => vector.Hash));
        }

        // What the index did not take, for its length, is missing still.
        return found.Count == 0 || index.Map(entries) is not { } view ? missing : missing.FindAll(item => !view.Has(item.Entry));
    }

    private async Task EmbedAsync(IReadOnlyList<CatalogEntry> entries, List<(int Entry, ContentHash Hash)> texts, CancellationToken cancellationToken)
    {
        // A look that finds nothing to do makes no trace; this one calls a provider, and may cost.
        using var activity = Source.StartActivity("embed texts");
        activity?.SetTag("jarvis.embedding.texts", texts.Count);
        EmbeddingException? failure = null;
        var limits = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(texts.Chunk(_options.BatchSize), limits, async (batch, token) =>
        {
            // After a failure no further request begins, but those on their way are paid for: their vectors are kept.
            if (Volatile.Read(ref failure) is not null)
                return;
            try
            {
                await EmbedAsync(Array.ConvertAll(batch, item => (item.Hash, EmbeddingText.Of(entries[item.Entry], _options))), token);
            }
            catch (EmbeddingException exception)
            {
                Interlocked.CompareExchange(ref failure, exception, comparand: null);
            }
        });
        index.Map(entries);
        await SaveAsync(cancellationToken);
        if (failure is null)
            return;
        activity?.SetStatus(ActivityStatusCode.Error, failure.Fault.ToString());
        throw failure;
    }

    private async Task EmbedAsync(ArraySegment<(ContentHash Hash, string Text)> batch, CancellationToken cancellationToken)
    {
        EmbeddingAnswer answer;
        try
        {
            answer = await provider.EmbedAsync([.. batch.Select(item => item.Text)], EmbeddingPurpose.Document, cancellationToken);
        }
        catch (EmbeddingException refusal) when (refusal.Fault == EmbeddingFault.InputRefused)
        {
            await DivideAsync(batch, refusal, cancellationToken);
            return;
        }

        Volatile.Write(ref _refusalsInARow, 0);
        StoredVector[] vectors = [.. batch.Zip(answer.Vectors, (item, vector) => new StoredVector(item.Hash, vector))];
        if (index.Add(vectors) > 0)
        {
            throw new EmbeddingException(EmbeddingFault.BadAnswer,
                $"it answered with {answer.Vectors[0].Length} dimensions, other than before; if the model was changed, set Embeddings:Dimensions to begin anew");
        }

        foreach (var vector in vectors)
            _unsaved.Enqueue(vector);
    }

    // One text that a model cannot take must not cost the others of its request.
    private async Task DivideAsync(ArraySegment<(ContentHash Hash, string Text)> batch, EmbeddingException refusal, CancellationToken cancellationToken)
    {
        if (batch.Count > 1)
        {
            await EmbedAsync(batch[..(batch.Count / 2)], cancellationToken);
            await EmbedAsync(batch[(batch.Count / 2)..], cancellationToken);
            return;
        }

        if (Interlocked.Increment(ref _refusalsInARow) > MaxRefusalsInARow)
            throw refusal;
        _refused[batch[0].Hash] = time.GetTimestamp();
        state.TextsRefused(_refused.Count, refusal.Message);
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        // At most what one round embeds: nothing more is embedded while these cannot be stored.
        StoredVector[] waiting = [.. _unsaved];
        foreach (var batch in waiting.Chunk(RowsOfLoad))
        {
            await store.SaveAsync(_options.Key, batch, cancellationToken);
            for (var i = 0; i < batch.Length; i++)
                _unsaved.TryDequeue(out _);
        }
    }

    private async Task MaintainAsync(SemanticView view, CancellationToken cancellationToken)
    {
        if (_maintained is { } last && time.GetElapsedTime(last) < MaintenanceInterval)
            return;
        foreach (var batch in view.Hashes.Chunk(RowsOfLoad))
            await store.TouchAsync(_options.Key, batch, cancellationToken);
        await store.PruneAsync(TimeSpan.FromDays(_options.KeepUnusedDays), cancellationToken);
        _maintained = time.GetTimestamp();
    }
}
