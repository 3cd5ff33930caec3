using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>What results can be narrowed by: <c>kind:</c>, <c>category:</c>, <c>plugin:</c>, <c>source:</c>, <c>model:</c>, <c>tool:</c>, <c>tag:</c>.</summary>
public enum FilterName
{
    Kind,
    Category,
    Plugin,
    Source,
    Model,
    Tool,
    Tag,
}

/// <summary>One filter. Several of one name: one of them must hold; of different names: each.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SearchFilter(FilterName Name, string Value, bool Excluded = false);

/// <summary>A word that is looked for.</summary>
/// <param name="Text">Folded.</param>
/// <param name="Start">Where it stands in the query.</param>
/// <param name="Length">How long it is there.</param>
/// <param name="Parts">Of a word in camel case; used when no document has the whole.</param>
public sealed record QueryWord(string Text, int Start, int Length, IReadOnlyList<string> Parts);

/// <summary>A query as it was understood; anything can be parsed, and nothing is an error.</summary>
/// <param name="Text">As it was given.</param>
/// <param name="Words">Looked for, each once; words that say nothing are left out when there are others.</param>
/// <param name="Phrases">In quotes: a result has each, its words side by side.</param>
/// <param name="Excluded">Words and phrases that no result has.</param>
/// <param name="Filters">What results are narrowed by.</param>
public sealed record SearchQuery(
    string Text, IReadOnlyList<QueryWord> Words, IReadOnlyList<IReadOnlyList<string>> Phrases, IReadOnlyList<IReadOnlyList<string>> Excluded,
    IReadOnlyList<SearchFilter> Filters)
{
    public const int MaxLength = 500;

    /// <summary>Nothing to look for at all: neither words nor phrases, exclusions or filters.</summary>
    public bool IsEmpty => Words.Count + Phrases.Count + Excluded.Count + Filters.Count == 0;

    /// <summary>The words and phrases as one run of letters, to know a name that is typed in full whatever its case and hyphens.</summary>
    public string Joined { get; init; } = "";

    /// <summary>What is asked for, as it was given: without exclusions and filters.</summary>
    public string Plain { get; init; } = "";

    public static SearchQuery Parse(string text) => new QueryParser(text).Parse();
}
