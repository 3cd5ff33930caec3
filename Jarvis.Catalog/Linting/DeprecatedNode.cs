namespace Jarvis.Catalog.Linting;

/// <summary>Why a node should go, and what takes its place.</summary>
public sealed record DeprecatedNode(string Reason, string Fix);
