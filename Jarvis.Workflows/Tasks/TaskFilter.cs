using Jarvis.ServiceDefaults.Lists;
using Ids = Jarvis.ServiceDefaults.Correlation.CorrelationId;

namespace Jarvis.Workflows.Tasks;

/// <summary>Which tasks a list shows; null is any.</summary>
/// <param name="Status">A name of <see cref="TaskState"/>.</param>
/// <param name="CorrelationId">Of the request that made the task.</param>
/// <param name="WorkflowId">The workflow's id in the catalog.</param>
public sealed record TaskFilter(string? Status, string? CorrelationId, string? WorkflowId)
{
    /// <summary>Reads <c>status=</c>, <c>correlation_id=</c> and <c>workflow_id=</c>; what is wrong with them goes to <paramref name="query"/>.</summary>
    public static TaskFilter Read(QueryReader query)
    {
        var filter = new TaskFilter(query.OneOf("status", TaskStates.Names), query.Text("correlation_id"), query.Text("workflow_id"));
        if (filter.CorrelationId is { } id && !Ids.IsValid(id))
            query.Wrong("correlation_id", $"must have {Ids.MinLength} to {Ids.MaxLength} characters of A-Za-z0-9._-");
        return filter;
    }
}
