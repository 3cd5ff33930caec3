using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Workflows.Triggers;

/// <summary>What n8n answered, as far as a problem has room for it.</summary>
/// <param name="ExecutionId">When the answer named it.</param>
/// <param name="Body">Its JSON or text without secrets, at most 4,000 characters; all of it is the task's <c>result</c>.</param>
public sealed record N8nAnswer(int HttpStatus, string? ExecutionId, RawJson? Body);

/// <summary>What a trigger answers: the task (202 while it goes on, 200 when it is finished), or for one who waited the fault that ended it.</summary>
public static class TriggerAnswer
{
    public static Results<Enveloped<TaskView>, Failure> Of(TaskView task, bool waited)
    {
        if (!task.Status.IsFinished())
            return Enveloped.Accepted(task, TasksApi.Location(task.TaskId));
        if (!waited || task.Status == TaskState.Succeeded)
            return new Enveloped<TaskView>(task) { Location = TasksApi.Location(task.TaskId) };

        var code = task.Status == TaskState.Cancelled ? ErrorCode.Conflict : Code(task.ErrorCode);
        var members = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["service"] = "n8n",
            ["task_id"] = task.TaskId,
            ["task_status"] = task.Status.Name(),
        };
        if (task.Answer is not null)
            members["n8n"] = new N8nAnswer(HttpStatus(task.Answer), task.N8nExecutionId, task.Result is { } result ? N8nExcerpt.Of(result) : null);
        return new Failure(code, task.Error ?? $"The task is {task.Status.Name()}.")
        {
            RetryAfter = code.Status == 503 ? TimeSpan.FromSeconds(10) : null,
            Extensions = members,
        };
    }

    private static int HttpStatus(RawJson answer)
    {
        using var notes = JsonDocument.Parse(answer.Text);
        return notes.RootElement.TryGetProperty("http_status", out var status) ? status.GetInt32() : 0;
    }

    private static ErrorCode Code(string? name) =>
        new[] { ErrorCode.Integration, ErrorCode.IntegrationTimeout, ErrorCode.CircuitOpen, ErrorCode.ServiceUnavailable }
            .FirstOrDefault(code => code.Name == name) ?? ErrorCode.Internal;
}
