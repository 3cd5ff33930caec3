using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// n8n exports: an object with <c>nodes</c> and <c>connections</c>, a list of such, or either below <c>workflows</c>, <c>data</c> or <c>workflow</c>, as
/// n8n's API and its template library wrap them.
/// </summary>
public static class WorkflowFormat
{
    private const int MaxWorkflows = 1_000;
    private static readonly string[] Wrappers = ["workflow", "workflows", "data", "json"];

    /// <summary>Reads the workflows of any JSON file; false when it has none.</summary>
    public static bool TryRead(FileReading file, JsonFile json)
    {
        if (Unwrapped(json.Root) is { } single)
        {
            file.NextResource();
            WorkflowReader.Add(file, json, single, file.Stem, json.Root.Text("name"));
            return true;
        }

        if (List(json.Root) is not { } items || !items.EnumerateArray().Any(item => Unwrapped(item) is not null))
            return false;
        foreach (var (at, item) in items.EnumerateArray().Index())
        {
            file.NextResource();
            if (at >= MaxWorkflows)
            {
                file.Note(ResourceKind.Workflow, DiagnosticState.Rejected, "too_many_workflows", $"The file holds more than {MaxWorkflows} workflows; the rest is not read.", "Split it.",
                    json.LineOf(item));
                break;
            }

            if (Unwrapped(item) is { } workflow)
                WorkflowReader.Add(file, json, workflow, $"{file.Stem} {at + 1}", item.Text("name"));
            else
                file.Note(ResourceKind.Workflow, DiagnosticState.Rejected, "not_a_workflow", $"Item {at + 1} has no nodes and connections.", "Remove it or export it again.", json.LineOf(item));
        }

        return true;
    }

    // {"workflow": {…}} of the template library, {"data": {…}} of the API, {"json": {…}} of n8n's own items.
    private static JsonElement? Unwrapped(JsonElement json)
    {
        if (WorkflowShape.IsWorkflow(json))
            return json;
        foreach (var wrapper in Wrappers)
        {
            if (json.Member(wrapper) is { ValueKind: JsonValueKind.Object } inner && WorkflowShape.IsWorkflow(inner))
                return inner;
        }

        return null;
    }

    private static JsonElement? List(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
            return json;
        foreach (var wrapper in Wrappers)
        {
            if (json.Member(wrapper) is { ValueKind: JsonValueKind.Array } list)
                return list;
            if (json.Member(wrapper)?.Member("workflows") is { ValueKind: JsonValueKind.Array } inner)
                return inner;
        }

        return null;
    }
}
