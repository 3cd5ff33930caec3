namespace Jarvis.Catalog.Resources;

/// <summary>A workflow as it can be drawn: at most 500 nodes and 2,000 edges.</summary>
/// <param name="NodeCount">Of the workflow, sticky notes included.</param>
/// <param name="Truncated">Whether nodes or edges were left out.</param>
public sealed record WorkflowGraph(string Id, string Name, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges, int NodeCount, int EdgeCount, bool Truncated);

/// <summary>A node of the picture.</summary>
/// <param name="Name">Unique in a sound workflow.</param>
/// <param name="Type">Such as <c>n8n-nodes-base.httpRequest</c>.</param>
/// <param name="Label">The type in words, such as <c>Http Request</c>.</param>
/// <param name="Role"><c>trigger</c>, <c>action</c>, <c>sub_node</c> (a model, tool or memory of an AI node) or <c>note</c>.</param>
/// <param name="Position">Null when the export has none.</param>
/// <param name="Note">What a sticky note says, at most 500 characters.</param>
public sealed record GraphNode(string Name, string Type, string Label, string Role, double Version, GraphPosition? Position, bool Disabled, string? Note);

/// <summary>Of the node's upper left corner, in n8n's pixels.</summary>
public sealed record GraphPosition(double X, double Y);

/// <summary>A connection of the picture.</summary>
/// <param name="Type"><c>main</c>, or <c>ai_languageModel</c>, <c>ai_tool</c>, … from a sub-node to the node that uses it.</param>
/// <param name="Output">Of several outputs of one type, from 0: for <c>If</c> 0 is true and 1 is false.</param>
/// <param name="Input">From 0.</param>
public sealed record GraphEdge(string From, string To, string Type, int Output, int Input);
