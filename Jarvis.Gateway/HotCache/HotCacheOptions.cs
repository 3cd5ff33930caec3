using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.HotCache;

/// <summary>What the gateway answers from its own memory; section <c>HotCache</c>.</summary>
public sealed record HotCacheOptions
{
    /// <summary>Milliseconds for which an answer is good when nobody says that the catalog changed (without Redis nobody does); 0 keeps nothing.</summary>
    [Range(0, 60_000)]
    public int TtlMs { get; init; } = 2_000;

    /// <summary>Bytes of all answers that are kept, with their compressed forms.</summary>
    [Range(0, 8L << 30)]
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Answers that are kept.</summary>
    [Range(0, 10_000_000)]
    public int MaxEntries { get; init; } = 50_000;

    /// <summary>Milliseconds that a request waits for another one's answer to the same question before a few of those who wait ask the catalog, too.</summary>
    [Range(0, 60_000)]
    public int JoinMs { get; init; } = 2_000;
}
