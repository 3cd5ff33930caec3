using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Workflows.Tasks;

/// <summary>
/// Who sees what of a run: its state, names, times and attempts everybody; what n8n answered, and all text that may be made of it, operators, admins and the
/// account that started it.
/// </summary>
internal static class TaskSight
{
    public static bool MaySeeResultOf(this Caller caller, TaskCaller? startedBy) =>
        caller.Has(Role.Operator) || (startedBy?.AccountId is { } account && account == caller.AccountId);

    public static TaskSummary SeenBy(this TaskSummary task, Caller caller) =>
        caller.MaySeeResultOf(task.StartedBy) ? task : task with { Error = null, N8nExecutionId = null, ResultHidden = true };

    public static TaskView SeenBy(this TaskView task, Caller caller) =>
        caller.MaySeeResultOf(task.StartedBy) ? task : task with
        {
            Error = null,
            N8nExecutionId = null,
            ResultHidden = true,
            Result = null,
            Answer = null,
            Events = task.Events is { } events ? [.. events.Select(WithoutDetail)] : null,
        };

    public static TaskEvent WithoutDetail(this TaskEvent line) => line with { Detail = null };
}
