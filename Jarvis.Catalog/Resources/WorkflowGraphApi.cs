using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Catalog.Resources;

/// <summary>
/// The picture of a workflow, at a route of its own: a page of workflows and a single one stay small (a graph is up to 200 KB), and only who draws pays.
/// </summary>
public static class WorkflowGraphApi
{
    public static IEndpointRouteBuilder MapWorkflowGraph(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workflows/{id}/graph", Graph).WithTags("Catalog").Produces<Envelope<WorkflowGraph>>().ProducesProblem(404).ProducesProblem(503)
            .WithName("get-workflow-graph").WithSummary("One workflow as nodes and edges to draw, at most 500 and 2,000")
            .WithPath("id", "The workflow's id or name.", "jarvis-echo").WithError(ErrorCode.ResourceNotFound, "No workflow is named 'nobody'.").WithETag();
        return api;
    }

    private static Results<Prepared, Failure> Graph(string id, CatalogStore store)
    {
        var snapshot = store.Snapshot;
        if (snapshot[ResourceKind.Workflow].Find(id) is not { } entry)
            return Failure.NotFound($"No workflow is named '{(id.Length <= 100 ? id : $"{id[..100]}…")}'.");
        // The id is part of the answer and may change without the text.
        return Prepared.Ok(PreparedBody.Of(WorkflowGraphs.Of(entry.Resource, entry.Content.Utf8), $"{entry.Hash}-graph"), snapshot.Version);
    }
}
