using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Jarvis.Workflows.Triggers;

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
        return new Failure(code, task.Error ?? $"The task is {task.Status.Name()}.")
        {
            RetryAfter = code.Status == 503 ? TimeSpan.FromSeconds(10) : null,
            Extensions = new(StringComparer.Ordinal)
            {
                ["service"] = "n8n",
                ["task_id"] = task.TaskId,
                ["task_status"] = task.Status.Name(),
            },
        };
    }

    private static ErrorCode Code(string? name) =>
        new[] { ErrorCode.Integration, ErrorCode.IntegrationTimeout, ErrorCode.CircuitOpen, ErrorCode.ServiceUnavailable }
            .FirstOrDefault(code => code.Name == name) ?? ErrorCode.Internal;
}
