using System.ComponentModel.DataAnnotations;

namespace Jarvis.Catalog.Library;

/// <summary>Which folders the catalog reads, and the bounds of reading; section <c>Catalog</c>.</summary>
public sealed record LibraryOptions
{
    /// <summary>Folders of resources, first wins among equals. <c>~</c> is the home folder.</summary>
    [MaxLength(64)]
    public string[] Roots { get; init; } = [];

    /// <summary>Bytes of a file; a larger one is listed as rejected, not read.</summary>
    [Range(1_024, 64 * 1_048_576)]
    public int MaxFileBytes { get; init; } = 1_048_576;

    /// <summary>Bytes of all resources together, since they are served from memory; what comes after is rejected.</summary>
    [Range(1_048_576, 16L * 1_073_741_824)]
    public long MaxTotalBytes { get; init; } = 512L * 1_048_576;

    /// <summary>Files of one root, of any type.</summary>
    [Range(1, 5_000_000)]
    public int MaxFiles { get; init; } = 200_000;

    /// <summary>Folders below a root.</summary>
    [Range(1, 128)]
    public int MaxDepth { get; init; } = 32;

    /// <summary>Seconds between two scans when the watcher says nothing: the safety net, and the only way on file systems without events.</summary>
    [Range(1, 3_600)]
    public int RescanSeconds { get; init; } = 5;

    /// <summary>Whether file system events start a scan before its time.</summary>
    public bool Watch { get; init; } = true;

    /// <summary>Milliseconds of quiet after an event before the scan starts, so that a burst is one scan.</summary>
    [Range(10, 10_000)]
    public int DebounceMs { get; init; } = 150;

    /// <summary>Milliseconds for which a burst of changes, such as a checkout, may hold up the scan while it goes on.</summary>
    [Range(10, 60_000)]
    public int BurstMs { get; init; } = 3_000;

    /// <summary>Folders that are not entered, by name.</summary>
    public string[] Ignore { get; init; } = [".git", "node_modules", "bin", "obj"];
}
