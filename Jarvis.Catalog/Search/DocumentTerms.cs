namespace Jarvis.Catalog.Search;

/// <summary>The fields in which a query's words were found.</summary>
[Flags]
public enum MatchedFields
{
    None = 0,
    Name = 1,
    Tags = 2,
    Description = 4,
    Body = 8,
    Tools = 16,

    /// <summary>The word says what kind the resource is of, as <c>workflow</c> does.</summary>
    Kind = 32,

    /// <summary>No field: the vectors are near.</summary>
    Semantic = 64,
}

/// <summary>
/// The terms of one document, counted once when its file is read. The object itself is the document's identity: a file that stays
/// unchanged keeps it from scan to scan, and the index keeps what it has of it.
/// </summary>
/// <param name="Terms">Numbers of the <see cref="TermTable"/>, ascending.</param>
/// <param name="Impacts">For each term how often it occurs, weighted by field, in quarters (10 bits), and above that its fields.</param>
/// <param name="Length">Words, each once however many forms it has.</param>
/// <param name="Name">Its name's letters and digits, as a hash.</param>
/// <param name="Tools">The tools that it may use.</param>
public sealed record DocumentTerms(int[] Terms, ushort[] Impacts, int Length, ulong Name, IReadOnlyList<string> Tools)
{
    private const int FieldShift = 10;
    private const int MaxImpact = (1 << FieldShift) - 1;

    /// <summary>Which of its words stand side by side.</summary>
    public WordPairs Pairs { get; init; }

    public static ushort Pack(float weighted, MatchedFields fields) =>
        (ushort)(((int)fields << FieldShift) | Math.Clamp((int)MathF.Round(weighted * 4), 1, MaxImpact));

    public static float Weighted(ushort impact) => (impact & MaxImpact) * 0.25f;

    public static MatchedFields Fields(ushort impact) => (MatchedFields)(impact >> FieldShift);

    // Two files may say the same: only the object counts.
    public bool Equals(DocumentTerms? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
