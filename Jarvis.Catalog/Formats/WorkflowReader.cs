using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Linting;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Makes one n8n export a resource, and notes what its format and the linter find.</summary>
public static class WorkflowReader
{
    private const int MaxCredentials = 100;
    private const int MaxSettings = 20;
    private const int MaxSetting = 200;
    private const int MaxName = 200;
    private const int MaxDescription = 1_000;
    private const int MaxTags = 100;
    private const int MaxListed = 500;

    /// <summary>Adds the workflow to what the file gives.</summary>
    /// <param name="file">The file that it stands in.</param>
    /// <param name="json">The file's JSON.</param>
    /// <param name="written">The export as it stands in the file.</param>
    /// <param name="fallbackName">When it has none.</param>
    /// <param name="outerName">Of what it is wrapped in.</param>
    public static void Add(FileReading file, JsonFile json, JsonElement written, string fallbackName, string? outerName)
    {
        // All that is served, searched, drawn and said is of the copy without secrets.
        var mask = WorkflowMask.Of(written);
        using var served = JsonDocument.Parse(mask.Text, JsonText.Lenient);
        var workflow = served.RootElement;
        var name = workflow.Text("name") ?? (outerName is null ? null : LiteralSecrets.Mask(outerName, TextSort.Prose).Text);
        var id = workflow.Member("id") is { ValueKind: JsonValueKind.Number } number ? number.GetRawText() : workflow.Text("id");
        var line = json.LineOf(written);
        var shape = new WorkflowShape(workflow, written);
        NoteFormat(file, json, workflow, shape, name, id, line);

        var notes = shape.Nodes.Where(node => node.IsNote).Select(node => node.Parameters.Text("content")).OfType<string>().ToList();
        var folder = Classifier.FileName(Classifier.Folder(file.Path));
        var category = folder.Length == 0 || folder.Equals("workflows", StringComparison.OrdinalIgnoreCase) ? "" : Slug.Of(folder);
        var nodes = shape.Nodes.Where(node => !node.IsNote).ToList();
        var resource = new Workflow
        {
            // They stand in every list, whatever a file has of them.
            Name = Cut(name ?? fallbackName, MaxName),
            Description = Cut(workflow.Text("description") ?? workflow.Member("meta")?.Text("description") ?? Describe(nodes, notes), MaxDescription),
            Category = category.Length > 0 ? category : null,
            Tags = [.. workflow.Items("tags").Select(tag => tag.ValueKind == JsonValueKind.String ? tag.GetString() : tag.Text("name")).OfType<string>().Take(MaxTags).Select(tag => Cut(tag, MaxName))],
            N8nId = id,
            Active = workflow.Flag("active"),
            NodeCount = nodes.Count,
            NodeTypes = [.. nodes.Select(node => node.Type).Where(type => type.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxListed)],
            Triggers = [.. nodes.Where(node => node.IsTrigger && !node.Disabled).Take(MaxListed).Select(node => new WorkflowTrigger(node.Name, node.Type))],
            Webhooks = [.. nodes.SelectMany(node => Webhooks(node, json)).Take(MaxListed)],
            Credentials = [.. nodes.SelectMany(Credentials).Distinct().Take(MaxCredentials)],
            Settings = Settings(workflow),
        };

        foreach (var finding in WorkflowLinter.Lint(resource, shape, mask))
            file.Note(ResourceKind.Workflow, finding.State, finding.Code, finding.Reason, finding.Fix, (finding.At is { } at ? json.LineOf(at) : null) ?? line, finding.Severity);
        file.Add(resource, mask.Text, "application/json", string.Join('\n', shape.Nodes.Select(node => $"{node.Name} {node.Type}").Concat(notes)));
    }

    private static void NoteFormat(FileReading file, JsonFile json, JsonElement workflow, WorkflowShape shape, string? name, string? id, int? line)
    {
        void Note(DiagnosticState state, string code, string reason, string fix, int? at) => file.Note(ResourceKind.Workflow, state, code, reason, fix, at);

        if (name is null)
            Note(DiagnosticState.Degraded, "name_missing", "The workflow has no name; it was taken from the file.", "Add \"name\" to it.", line);
        if (id is null)
            Note(DiagnosticState.Ok, "id_missing", "The workflow has no id of n8n's; n8n gives it one when it is imported.", "Add \"id\" when it is to replace the one that n8n has.", line);
        if (workflow.Member("connections") is not { ValueKind: JsonValueKind.Object })
            Note(DiagnosticState.Degraded, "connections_missing", "The workflow has no connections; its nodes stand alone.", "Export it again.", line);
        if (shape.Unreadable is [var first, ..])
        {
            Note(DiagnosticState.Degraded, "node_incomplete", $"{shape.Unreadable.Count} of the nodes are no object, or have no name or no type.", "Give each a name and a type, or remove it.",
                json.LineOf(first));
        }

        if (shape.SameName is [var second, ..])
        {
            Note(DiagnosticState.Degraded, "duplicate_node_name", $"Several nodes are called {Names.Of(shape.SameName.Select(node => node.Name))}; connections cannot tell them apart.",
                "Give each its own name.", json.LineOf(second.At));
        }
    }

    // The first sticky note says what its author wanted to say; without one the nodes speak for themselves.
    private static string Describe(List<WorkflowNode> nodes, List<string> notes)
    {
        if (notes.Select(MarkdownText.FirstSentence).FirstOrDefault(text => text.Length > 0) is { } note)
            return note;
        return string.Join(" → ", nodes.Select(node => node.Name).Where(name => name.Length > 0).Take(8));
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : $"{text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)]}…";

    private static IEnumerable<Webhook> Webhooks(WorkflowNode node, JsonFile json)
    {
        if (node.Disabled || node.Type != "n8n-nodes-base.webhook")
            return [];
        var parameters = node.Parameters;
        // A node without a path is reached under its webhook id.
        var path = (parameters.Text("path") ?? node.Json.Text("webhookId") ?? "").Trim('/');
        var methods = parameters.Items("httpMethod").Where(method => method.ValueKind == JsonValueKind.String).Select(method => method.GetString()!)
            .DefaultIfEmpty(parameters.Text("httpMethod") ?? "GET");
        return methods.Select(method => new Webhook(path, method.ToUpperInvariant(), parameters.Text("authentication") ?? "none", parameters.Text("responseMode") ?? "onReceived", node.Name)
        {
            Line = json.LineOf(node.At),
        });
    }

    private static IEnumerable<WorkflowCredential> Credentials(WorkflowNode node) =>
        node.Json.Entries("credentials").Select(credential => new WorkflowCredential(
            credential.Name, credential.Value.ValueKind == JsonValueKind.String ? credential.Value.GetString() : credential.Value.Text("name")));

    private static IReadOnlyDictionary<string, string> Settings(JsonElement workflow)
    {
        var settings = workflow.Entries("settings").Where(setting => setting.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
            .DistinctBy(setting => setting.Name, StringComparer.Ordinal).Take(MaxSettings).ToList();
        return settings.Count == 0 ? Workflow.NoSettings
            : settings.ToDictionary(setting => setting.Name, setting => setting.Value.ToString() is { Length: > MaxSetting } text ? text[..MaxSetting] : setting.Value.ToString(), StringComparer.Ordinal);
    }
}
