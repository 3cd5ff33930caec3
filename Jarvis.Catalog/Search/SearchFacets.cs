using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>How many results each value has. What is narrowed by a filter is counted as if that one filter were not there, so that its other choices show.</summary>
/// <param name="Category">The 20 most frequent, as are those that follow.</param>
public sealed record SearchFacets(
    int Agent, int Command, int Skill, int McpServer, int Workflow, IReadOnlyList<FacetValue> Category, IReadOnlyList<FacetValue> Plugin,
    IReadOnlyList<FacetValue> Source, IReadOnlyList<FacetValue> Model, IReadOnlyList<FacetValue> Tool);

/// <summary>A value and how many results have it.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FacetValue(string Value, int Count);
