using System.ComponentModel.DataAnnotations;

namespace Jarvis.Catalog.Resources;

/// <summary>How many ready answers are kept; section <c>Catalog:Answers</c>.</summary>
public sealed record BodiesOptions
{
    /// <summary>Bytes of ready answers (lists, single resources, contents, their compressed forms); 0 keeps none.</summary>
    [Range(0, 16L * 1_073_741_824)]
    public long MaxBytes { get; init; } = 64L * 1_048_576;

    /// <summary>Ready answers.</summary>
    [Range(0, 10_000_000)]
    public int MaxEntries { get; init; } = 50_000;
}
