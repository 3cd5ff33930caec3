using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.HotCache;

/// <summary>An answer of the catalog.</summary>
/// <param name="Version">The catalog's, when it was made.</param>
/// <param name="Endpoint">The route that it came by, so that spans and metrics of a hit have it too.</param>
internal sealed record HotAnswer(PreparedBody Body, string Version, Endpoint? Endpoint);

/// <summary>
/// What the catalog answered, until it changes: all answers are of one version, and the first sign of another one drops them. A request takes
/// <see cref="Generation"/> before it asks; an answer to a question asked before the last drop is not kept.
/// </summary>
internal sealed class HotAnswers(IOptions<HotCacheOptions> options, TimeProvider time) : ICountedCache
{
    private readonly ByteLru<HotAnswer> _answers = new(
        new ByteLruOptions("hot", options.Value.MaxBytes) { MaxEntries = options.Value.MaxEntries, Ttl = TimeSpan.FromMilliseconds(options.Value.TtlMs) }, time);

    private readonly ConcurrentDictionary<(long Generation, string Key), TaskCompletionSource<Flight>> _flights = new();
    private readonly Lock _moving = new();
    private string? _version;

    public string Name => _answers.Name;

    public bool IsOn { get; } = options.Value is { TtlMs: > 0, MaxBytes: > 0, MaxEntries: > 0 };

    public long Generation => _answers.Generation;

    public bool TryGet(string key, bool countMiss, [NotNullWhen(true)] out HotAnswer? answer) => _answers.TryGet(key, out answer, countMiss);

    /// <summary>Keeps an answer to what was asked at the timestamp <paramref name="asked"/>.</summary>
    public void Keep(string key, HotAnswer answer, long generation, long asked)
    {
        lock (_moving)
        {
            // Which of two versions is newer cannot be told, so neither is kept; the next request asks anew.
            if (_version is not null && _version != answer.Version)
                Clear();
            if (_answers.Put(key, answer, answer.Body.MemoryBytes, generation, asked))
                _version = answer.Version;
        }
    }

    /// <summary>The catalog is now at <paramref name="version"/>.</summary>
    public void Moved(string version)
    {
        lock (_moving)
        {
            if (_version != version)
                Clear();
        }
    }

    public void Clear()
    {
        lock (_moving)
        {
            _version = null;
            _answers.Clear();
        }
    }

    public CacheStats Stats(string service) => _answers.Stats(service);

    /// <summary>Whether the caller is the one to ask; else <paramref name="other"/> ends when the one who asks has an answer.</summary>
    public bool TryLead(string key, long generation, out TaskCompletionSource<Flight> own, out Task<Flight> other)
    {
        own = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _flights.GetOrAdd((generation, key), own);
        other = first.Task;
        return ReferenceEquals(first, own);
    }

    public void Land(string key, long generation, TaskCompletionSource<Flight> own, Flight flight)
    {
        _flights.TryRemove(new((generation, key), own));
        own.TrySetResult(flight);
    }
}

/// <summary>How one question to the catalog ended.</summary>
/// <param name="Answer">For all who asked the same; null when it was none that can be shared.</param>
/// <param name="Abandoned">The client whose request it was went away: another one may ask again.</param>
internal sealed record Flight(HotAnswer? Answer, bool Abandoned = false);
