using System.Text.Json.Serialization;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Semantic;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Catalog.Search;

/// <summary>A resource that was found.</summary>
/// <param name="Score">Higher is better; comparable within one answer only. The cosine in mode <c>semantic</c>, the fused ranks in <c>hybrid</c>.</param>
/// <param name="Matched">The fields in which the query's words stand, and <c>semantic</c> when its meaning is near.</param>
/// <param name="Explanation">For each word that was found, the term that stood for it, how, and where.</param>
/// <param name="Url">Where the whole record is.</param>
public sealed record SearchResult(
    string Id, ResourceKind Kind, string Name, string Description, string? Category, string Source, double Score, IReadOnlyList<MatchedFields> Matched,
    IReadOnlyList<WordExplanation> Explanation, IReadOnlyList<Highlight> Highlights, string Url);

/// <summary>A page of results.</summary>
/// <param name="Facets">How many results each kind has, whatever kind was asked for, and the same by category, plugin, source, model and tool.</param>
/// <param name="ModeUsed">The mode that was asked for; <c>lexical</c> when there are no vectors to search by.</param>
/// <param name="Suggestion">The query as the library would spell it, when a word is found only so.</param>
/// <param name="ModeNote">Why the mode is another one, or does not reach every resource.</param>
/// <param name="Coverage">How many resources have a vector; not in lexical searches.</param>
public sealed record SearchAnswer(
    string Query, IReadOnlyList<SearchResult> Results, Pagination Pagination, SearchFacets Facets, string ModeUsed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Suggestion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ModeNote = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EmbeddingCoverage? Coverage = null);
