using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An n8n workflow.</summary>
public sealed record Workflow : Resource
{
    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Workflow;

    /// <summary>The id that n8n gave it, when the export has one.</summary>
    public string? N8nId { get; init; }

    public bool Active { get; init; }

    public int NodeCount { get; init; }

    public IReadOnlyList<string> NodeTypes { get; init; } = [];

    public IReadOnlyList<WorkflowTrigger> Triggers { get; init; } = [];

    public IReadOnlyList<Webhook> Webhooks { get; init; } = [];
}

/// <summary>A node that starts the workflow.</summary>
public sealed record WorkflowTrigger(string Node, string Type);

/// <summary>An enabled webhook node.</summary>
/// <param name="Path">Below n8n's <c>/webhook/</c>, without a leading slash.</param>
/// <param name="Method">GET when the node does not say.</param>
/// <param name="Authentication"><c>none</c>, <c>basicAuth</c>, <c>headerAuth</c> or <c>jwtAuth</c>, as n8n names them.</param>
/// <param name="ResponseMode"><c>onReceived</c>, <c>lastNode</c>, <c>responseNode</c> or <c>streaming</c>.</param>
/// <param name="Node">The node's name.</param>
public sealed record Webhook(string Path, string Method, string Authentication, string ResponseMode, string Node);
