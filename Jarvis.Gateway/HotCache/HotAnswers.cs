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

    private readonly DoubtedVersions _doubted = new(time);
    private readonly Lock _moving = new();
    private string? _version;

    public string Name => _answers.Name;

    public bool IsOn { get; } = options.Value is { TtlMs: > 0, MaxBytes: > 0, MaxEntries: > 0 };

    public long Generation => _answers.Generation;

    public bool TryGet(string key, bool countMiss, [NotNullWhen(true)] out HotAnswer? answer) => _answers.TryGet(key, out answer, countMiss);

    /// <summary>Who asks when many ask the same.</summary>
    public HotFlights Flights { get; } = new();

    /// <summary>Keeps an answer to what was asked at the timestamp <paramref name="asked"/>.</summary>
    public void Keep(string key, HotAnswer answer, long generation, long asked)
    {
        lock (_moving)
        {
            if (_doubted.Contains(answer.Version))
                return;
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
            if (_version is not null && _version != version)
                _doubted.Left(_version);
            _doubted.Told(version);
            if (_version != version)
                Clear();
        }
    }

    /// <summary>Something was written, so that the catalog may be at another version: what it was at before is not kept again for a while, whichever replica says it.</summary>
    public void Written()
    {
        lock (_moving)
        {
            if (_version is not null)
                _doubted.Left(_version);
            Clear();
        }
    }

    /// <summary>Drops what is kept, and says nothing about the catalog.</summary>
    public void Clear()
    {
        lock (_moving)
        {
            _version = null;
            _answers.Clear();
        }
    }

    public CacheStats Stats(string service) => _answers.Stats(service);
}
