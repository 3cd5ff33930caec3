using System.Globalization;
using System.Text.Json;

namespace Jarvis.Catalog.Formats;

/// <summary>A node of a workflow while its JSON is at hand.</summary>
/// <param name="Version">1 when the node does not say.</param>
/// <param name="Json">As it is served.</param>
/// <param name="At">As it stands in the file, whose lines are told.</param>
public sealed record WorkflowNode(string Name, string Type, double Version, bool Disabled, JsonElement Json, JsonElement At)
{
    /// <summary>Among the items of <c>nodes</c>, from 0.</summary>
    public int Place { get; init; }

    public const string NoteType = "n8n-nodes-base.stickyNote";

    public bool IsNote => Type == NoteType;

    /// <summary>Starts the workflow, unless it is disabled.</summary>
    public bool IsTrigger => Type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase) || Type is "n8n-nodes-base.webhook" or "n8n-nodes-base.cron" or "n8n-nodes-base.start"
        or "n8n-nodes-base.interval" or "n8n-nodes-base.emailReadImap";

    public JsonElement Parameters => Json.Member("parameters") ?? default;

    /// <summary>The type without its package, such as <c>httpRequest</c>.</summary>
    public string ShortType => Type[(Type.LastIndexOf('.') + 1)..];
}

/// <summary>A connection between nodes, by their places in <see cref="WorkflowShape.Nodes"/>.</summary>
/// <param name="Type"><c>main</c>, or what a sub-node gives to an AI node: <c>ai_languageModel</c>, <c>ai_tool</c>, …</param>
public sealed record WorkflowEdge(int From, int To, string Type, int Output, int Input);

/// <summary>A connection from or to a node that does not exist.</summary>
/// <param name="At">The connection as it stands in the file.</param>
public sealed record DanglingEdge(string From, string To, JsonElement At);

/// <summary>The nodes and connections of an n8n export. Connections go by node name; of several nodes with one name the first has them all.</summary>
public sealed class WorkflowShape
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<WorkflowNode> _nodes = [];
    private readonly List<WorkflowEdge> _edges = [];
    private readonly List<DanglingEdge> _dangling = [];
    private readonly List<WorkflowNode> _sameName = [];
    private readonly List<JsonElement> _unreadable = [];

    /// <summary>Reads the nodes and connections.</summary>
    /// <param name="workflow">The export as it is served.</param>
    /// <param name="written">The same as it stands in the file, of which the lines are told; null when it is the same.</param>
    public WorkflowShape(JsonElement workflow, JsonElement? written = null)
    {
        var file = written ?? workflow;
        foreach (var (place, (json, at)) in workflow.Items("nodes").Zip(file.Items("nodes")).Index())
        {
            if (json.ValueKind != JsonValueKind.Object || json.Text("name") is null || json.Text("type") is null)
                _unreadable.Add(at);
            if (json.ValueKind != JsonValueKind.Object)
                continue;
            var node = new WorkflowNode(json.Text("name") ?? "", json.Text("type") ?? "", Version(json), json.Flag("disabled"), json, at) { Place = place };
            if (node.Name.Length > 0 && !_places.TryAdd(node.Name, _nodes.Count))
                _sameName.Add(node);
            _nodes.Add(node);
        }

        foreach (var (source, at) in workflow.Entries("connections").Zip(file.Entries("connections")))
            Connect(source, at.Value);
    }

    public IReadOnlyList<WorkflowNode> Nodes => _nodes;

    public IReadOnlyList<WorkflowEdge> Edges => _edges;

    public IReadOnlyList<DanglingEdge> Dangling => _dangling;

    /// <summary>Nodes whose name an earlier one has.</summary>
    public IReadOnlyList<WorkflowNode> SameName => _sameName;

    /// <summary>Entries that are no object, or have no name or no type.</summary>
    public IReadOnlyList<JsonElement> Unreadable => _unreadable;

    /// <summary>An export, or what can only be one although its connections are missing.</summary>
    public static bool IsWorkflow(JsonElement json) =>
        json.Member("nodes") is { ValueKind: JsonValueKind.Array } nodes && (json.Member("connections") is { ValueKind: JsonValueKind.Object }
            || nodes.EnumerateArray().Any(node => node.Text("type") is { } type && (type.StartsWith("n8n-nodes-", StringComparison.Ordinal) || type.StartsWith("@n8n/", StringComparison.Ordinal))));

    private void Connect(JsonProperty source, JsonElement at)
    {
        if (source.Value.ValueKind != JsonValueKind.Object)
            return;
        // Names are compared as they are trimmed in nodes.
        var from = _places.GetValueOrDefault(source.Name.Trim(), -1);
        foreach (var type in source.Value.EnumerateObject())
        {
            if (type.Value.ValueKind != JsonValueKind.Array)
                continue;
            foreach (var (output, targets) in type.Value.EnumerateArray().Index())
            {
                if (targets.ValueKind != JsonValueKind.Array)
                    continue;
                foreach (var target in targets.EnumerateArray().Where(target => target.ValueKind == JsonValueKind.Object))
                {
                    var name = target.Text("node") ?? "";
                    if (from >= 0 && _places.TryGetValue(name, out var to))
                        _edges.Add(new(from, to, type.Name, output, (int)Math.Clamp(target.Number("index") ?? 0, 0, 1_000)));
                    else
                        _dangling.Add(new(source.Name.Trim(), name, at));
                }
            }
        }
    }

    // A text in some exports.
    private static double Version(JsonElement node) => node.Number("typeVersion")
        ?? (double.TryParse(node.Text("typeVersion"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : 1);
}
