using System.Text.Json.Serialization;

namespace Jarvis.Catalog.Resources;

/// <summary>An n8n workflow. Its picture is at <c>workflows/{id}/graph</c>, not here: a list of workflows stays small.</summary>
public sealed record Workflow : Resource
{
    internal static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>(StringComparer.Ordinal);

    [JsonPropertyOrder(-8)]
    public override ResourceKind Kind => ResourceKind.Workflow;

    /// <summary>The id that n8n gave it, when the export has one.</summary>
    public string? N8nId { get; init; }

    public bool Active { get; init; }

    /// <summary>Without sticky notes.</summary>
    public int NodeCount { get; init; }

    public IReadOnlyList<string> NodeTypes { get; init; } = [];

    public IReadOnlyList<WorkflowTrigger> Triggers { get; init; } = [];

    public IReadOnlyList<Webhook> Webhooks { get; init; } = [];

    /// <summary>The credentials that its nodes refer to.</summary>
    public IReadOnlyList<WorkflowCredential> Credentials { get; init; } = [];

    /// <summary>n8n's settings of the workflow, such as <c>executionOrder</c> and <c>timezone</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = NoSettings;
}

/// <summary>A node that starts the workflow.</summary>
public sealed record WorkflowTrigger(string Node, string Type);

/// <summary>A credential by type and name, as <c>openAiApi</c> and <c>OpenAI of the team</c>; exports have no more of it.</summary>
public sealed record WorkflowCredential(string Type, string? Name);

/// <summary>An enabled webhook node.</summary>
/// <param name="Path">Below n8n's <c>/webhook/</c>, without a leading slash.</param>
/// <param name="Method">GET when the node does not say.</param>
/// <param name="Authentication"><c>none</c>, <c>basicAuth</c>, <c>headerAuth</c> or <c>jwtAuth</c>, as n8n names them.</param>
/// <param name="ResponseMode"><c>onReceived</c>, <c>lastNode</c>, <c>responseNode</c> or <c>streaming</c>.</param>
/// <param name="Node">The node's name.</param>
public sealed record Webhook(string Path, string Method, string Authentication, string ResponseMode, string Node)
{
    /// <summary>Of the node in the file, for diagnostics across files.</summary>
    [JsonIgnore]
    public int? Line { get; init; }
}
