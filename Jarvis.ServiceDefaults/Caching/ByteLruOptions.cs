namespace Jarvis.ServiceDefaults.Caching;

/// <summary>Bounds of a <see cref="ByteLru{TValue}"/>.</summary>
/// <param name="Name">As <c>cache/stats</c> tells it.</param>
/// <param name="MaxBytes">Of all entries with their keys; 0 keeps nothing.</param>
public sealed record ByteLruOptions(string Name, long MaxBytes)
{
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>How long an entry is good; null for ever, zero not at all.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>One part in this many of <see cref="MaxBytes"/> is the most that a single entry may take, so that no one entry costs all others.</summary>
    public int LargestShare { get; init; } = 8;
}
