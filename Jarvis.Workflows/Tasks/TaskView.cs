using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Jarvis.Workflows.Tasks;

/// <summary>A task as lists show it.</summary>
public record TaskSummary
{
    public required Guid TaskId { get; init; }

    /// <summary>What executes it: <c>workflow.trigger</c>.</summary>
    public required string Kind { get; init; }

    public required TaskState Status { get; init; }

    /// <summary>The workflow in the catalog; null when it was triggered by its webhook's path.</summary>
    public string? WorkflowId { get; init; }

    public string? WorkflowName { get; init; }

    public required TaskWebhook Webhook { get; init; }

    /// <summary>Requests begun so far.</summary>
    public required int Attempt { get; init; }

    /// <summary>The ID of the request that made the task.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Who triggered it; null for a task from before this was kept.</summary>
    public TaskCaller? StartedBy { get; init; }

    public bool CancelRequested { get; init; }

    /// <summary>A code of the HTTP contract, when the task did not succeed.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>What happened and what to do; may have words of n8n's answer, and is hidden with the result.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// The result, and what may quote it (error, answer, execution, details of events), is there and is not shown: it is for operators, admins and the account
    /// that started the task.
    /// </summary>
    public bool ResultHidden { get; init; }

    /// <summary>The execution in n8n, when its answer named it.</summary>
    [JsonPropertyName("n8n_execution_id")]
    public string? N8nExecutionId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>From start (creation while queued) to end (now while it runs).</summary>
    public required double ElapsedMs { get; init; }
}

/// <summary>What is called in n8n: <c>{base}/webhook/{path}</c>.</summary>
public sealed record TaskWebhook(string Method, string Path);

/// <summary>One task with its result and, where one is asked for, its history.</summary>
public sealed record TaskView : TaskSummary
{
    [SetsRequiredMembers]
    public TaskView(TaskSummary summary)
        : base(summary)
    {
    }

    /// <summary>The body of n8n's answer: its JSON, or a text; null when it was empty.</summary>
    [JsonPropertyOrder(1)]
    public RawJson? Result { get; init; }

    /// <summary>The answer was larger than what is kept.</summary>
    [JsonPropertyOrder(1)]
    public bool ResultTruncated { get; init; }

    /// <summary>
    /// About the result: <c>{http_status, format: json|text|html|empty, started?, note?}</c>. <c>started</c> is true when n8n only said that
    /// the workflow was started, or answered 202: how it ends is then not known here.
    /// </summary>
    [JsonPropertyOrder(1)]
    public RawJson? Answer { get; init; }

    /// <summary>The newest 200 entries, oldest first.</summary>
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TaskEvent>? Events { get; init; }
}

/// <summary>One line of a task's history.</summary>
/// <param name="By">Who did it; left out for what the worker did.</param>
public sealed record TaskEvent(
    DateTimeOffset At, string Event, int Attempt, string? Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TaskCaller? By = null);
