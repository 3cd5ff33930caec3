using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Workflows.Tasks;

/// <summary>What an event of type <see cref="TaskNews.TaskType"/> says: a task came into another state.</summary>
public sealed record TaskChanged(Guid TaskId, string Kind, TaskState Status, string? WorkflowId, string? WorkflowName, int Attempt, string? ErrorCode);

/// <summary>What an event of type <see cref="TaskNews.WorkflowType"/> says: a run of a workflow of the catalog came into another state.</summary>
public sealed record WorkflowChanged(string WorkflowId, string? WorkflowName, Guid TaskId, TaskState Status, int Attempt, string? ErrorCode);

/// <summary>Tells the other processes of status changes. Whoever misses one learns it from Postgres.</summary>
public sealed class TaskNews(EventPublisher events)
{
    public const string TaskType = "task";
    public const string WorkflowType = "workflow";

    public void Publish(TaskChanged change)
    {
        events.Publish(TaskType, change);
        if (change.WorkflowId is { } workflow)
            events.Publish(WorkflowType, new WorkflowChanged(workflow, change.WorkflowName, change.TaskId, change.Status, change.Attempt, change.ErrorCode));
    }
}
