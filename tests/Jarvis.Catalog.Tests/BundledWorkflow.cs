using System.Text.Json;

namespace Jarvis.Catalog.Tests;

/// <summary>A file of <c>library/workflows</c>: its nodes, and which follow on which.</summary>
internal sealed class BundledWorkflow
{
    private readonly List<(string From, string To)> _connections;

    private BundledWorkflow(JsonElement json)
    {
        Json = json;
        Nodes = [.. json.GetProperty("nodes").EnumerateArray().Select(node => new Node(node))];
        _connections = [.. json.GetProperty("connections").EnumerateObject().SelectMany(from => from.Value.GetProperty("main").EnumerateArray()
            .SelectMany(output => output.EnumerateArray()).Select(to => (from.Name, to.GetProperty("node").GetString()!)))];
    }

    public static string Library { get; } = FindLibrary();

    public static IReadOnlyList<string> Files { get; } = [.. Directory.GetFiles(Path.Combine(Library, "workflows"), "*.json").Order(StringComparer.Ordinal)];

    public JsonElement Json { get; }

    public IReadOnlyList<Node> Nodes { get; }

    public bool CallsJarvis => Json.GetRawText().Contains("jarvis_url", StringComparison.Ordinal);

    public int ExecutionTimeout => Json.GetProperty("settings").GetProperty("executionTimeout").GetInt32();

    public static BundledWorkflow Read(string name) =>
        new(JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Library, "workflows", $"{name}.json"))).RootElement);

    public Node this[string name] => Nodes.Single(node => node.Name == name);

    public IEnumerable<Node> After(string name) => _connections.Where(connection => connection.From == name).Select(connection => this[connection.To]);

    public IEnumerable<Node> Before(string name) => _connections.Where(connection => connection.To == name).Select(connection => this[connection.From]);

    public IReadOnlyCollection<Node> ReachedFrom(string name)
    {
        var reached = new Dictionary<string, Node>(StringComparer.Ordinal);
        var open = new Queue<string>([name]);
        while (open.TryDequeue(out var from))
        {
            foreach (var next in After(from).Where(next => reached.TryAdd(next.Name, next)))
                open.Enqueue(next.Name);
        }
        return reached.Values;
    }

    private static string FindLibrary()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Jarvis.sln")))
                return Path.Combine(folder.FullName, "library");
        }
        throw new InvalidOperationException("The repository's root was not found.");
    }

    internal sealed record Node(JsonElement Json)
    {
        private readonly JsonElement _parameters = Json.GetProperty("parameters");

        public string Name => Json.GetProperty("name").GetString()!;

        public string Code => Parameter("jsCode")!;

        public int ResponseCode => Option("responseCode") is { } code ? code.GetInt32() : 200;

        public bool FollowsRedirects => Option("redirect") is not { } redirect
            || redirect.GetProperty("redirect").EnumerateObject().Any(member => member.Value.ValueKind != JsonValueKind.False);

        public bool GoesOnAfterAnError =>
            Json.TryGetProperty("onError", out _) || Json.TryGetProperty("continueOnFail", out _)
            || _parameters.GetRawText().Contains("neverError", StringComparison.Ordinal);

        public bool IsOf(string type) => Json.GetProperty("type").GetString() == $"n8n-nodes-base.{type}";

        public string? Parameter(string name) => _parameters.TryGetProperty(name, out var value) ? value.GetString() : null;

        public string? Credential(string type) =>
            Json.TryGetProperty("credentials", out var all) && all.TryGetProperty(type, out var one) ? one.GetProperty("id").GetString() : null;

        private JsonElement? Option(string name) =>
            _parameters.TryGetProperty("options", out var options) && options.TryGetProperty(name, out var value) ? value : null;
    }
}
