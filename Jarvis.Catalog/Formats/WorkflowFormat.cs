using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>n8n exports: an object with <c>nodes</c> and <c>connections</c>, or an array of such.</summary>
public static class WorkflowFormat
{
    private const string MediaType = "application/json";
    private const string StickyNote = "n8n-nodes-base.stickyNote";
    private const int MaxWorkflows = 1_000;

    public static ParsedFile Parse(FileReading file)
    {
        using var json = JsonText.Parse(file);
        if (json is null)
            return file.Done();

        var root = json.RootElement;
        if (IsWorkflow(root))
        {
            Add(file, root, file.Stem, root.GetRawText());
            return file.Done();
        }

        if (root.ValueKind != JsonValueKind.Array || !root.EnumerateArray().Any(IsWorkflow))
            return file.Nothing();

        var position = 0;
        foreach (var item in root.EnumerateArray())
        {
            position++;
            if (position > MaxWorkflows)
            {
                file.Note(ResourceKind.Workflow, DiagnosticState.Rejected, "too_many_workflows", $"The file holds more than {MaxWorkflows} workflows; the rest is not read.", "Split it.");
                break;
            }

            if (IsWorkflow(item))
                Add(file, item, $"{file.Stem} {position}", item.GetRawText());
            else
                file.Note(ResourceKind.Workflow, DiagnosticState.Rejected, "not_a_workflow", $"Item {position} has no nodes and connections.", "Remove it or export it again.");
        }

        return file.Done();
    }

    private static bool IsWorkflow(JsonElement json) =>
        json.Member("nodes") is { ValueKind: JsonValueKind.Array } && json.Member("connections") is { ValueKind: JsonValueKind.Object };

    private static void Add(FileReading file, JsonElement json, string fallbackName, string content)
    {
        var name = json.Text("name");
        if (name is null)
            file.Note(ResourceKind.Workflow, DiagnosticState.Degraded, "name_missing", "The workflow has no name; it was taken from the file.", "Add \"name\" to it.");

        var nodes = json.Items("nodes").Where(node => node.ValueKind == JsonValueKind.Object).ToList();
        var types = nodes.ConvertAll(node => node.Text("type") ?? "");
        var notes = nodes.Where(node => node.Text("type") == StickyNote).Select(node => node.Member("parameters")?.Text("content")).OfType<string>().ToList();
        var folder = Classifier.FileName(Classifier.Folder(file.Path));
        var category = folder.Length == 0 || folder.Equals("workflows", StringComparison.OrdinalIgnoreCase) ? "" : Slug.Of(folder);
        var workflow = new Workflow
        {
            Name = name ?? fallbackName,
            Description = json.Text("description") ?? json.Member("meta")?.Text("description") ?? Describe(nodes, notes),
            Category = category.Length > 0 ? category : null,
            Tags = [.. json.Items("tags").Select(tag => tag.ValueKind == JsonValueKind.String ? tag.GetString() : tag.Text("name")).OfType<string>()],
            N8nId = json.Member("id") is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : json.Text("id"),
            Active = json.Flag("active"),
            NodeCount = nodes.Count - types.Count(type => type == StickyNote),
            NodeTypes = [.. types.Where(type => type.Length > 0 && type != StickyNote).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Triggers = [.. nodes.Where(IsTrigger).Select(node => new WorkflowTrigger(node.Text("name") ?? "", node.Text("type")!))],
            Webhooks = [.. nodes.SelectMany(Webhooks)],
        };
        var words = nodes.Select(node => $"{node.Text("name")} {node.Text("type")}").Concat(notes);
        file.Add(workflow, content, MediaType, string.Join('\n', words));
    }

    // The first sticky note says what its author wanted to say; without one the nodes speak for themselves.
    private static string Describe(List<JsonElement> nodes, List<string> notes)
    {
        if (notes.Select(MarkdownText.FirstSentence).FirstOrDefault(text => text.Length > 0) is { } note)
            return note;
        var names = nodes.Where(node => node.Text("type") != StickyNote).Select(node => node.Text("name")).OfType<string>().Take(8).ToList();
        return names.Count == 0 ? "" : string.Join(" → ", names);
    }

    private static bool IsTrigger(JsonElement node) => !node.Flag("disabled") && node.Text("type") is { } type
        && (type.EndsWith("Trigger", StringComparison.OrdinalIgnoreCase) || type is "n8n-nodes-base.webhook" or "n8n-nodes-base.cron" or "n8n-nodes-base.start"
            or "n8n-nodes-base.interval" or "n8n-nodes-base.emailReadImap");

    private static IEnumerable<Webhook> Webhooks(JsonElement node)
    {
        if (node.Flag("disabled") || node.Text("type") is not "n8n-nodes-base.webhook")
            yield break;
        var parameters = node.Member("parameters") ?? default;
        // A node without a path is reached under its webhook id.
        var path = (parameters.Text("path") ?? node.Text("webhookId") ?? "").Trim('/');
        var methods = parameters.Items("httpMethod").Where(method => method.ValueKind == JsonValueKind.String).Select(method => method.GetString()!).DefaultIfEmpty(parameters.Text("httpMethod") ?? "GET");
        foreach (var method in methods)
        {
            yield return new(path, method.ToUpperInvariant(), parameters.Text("authentication") ?? "none", parameters.Text("responseMode") ?? "onReceived",
                node.Text("name") ?? "");
        }
    }
}
