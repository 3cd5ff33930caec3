namespace Jarvis.Workflows.Tasks;

/// <summary>Where a task is. <c>unknown</c> is an end too: a request left, and whether it took effect cannot be told from here.</summary>
public enum TaskState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Unknown,
    Cancelled,
}

public static class TaskStates
{
    /// <summary>The names as JSON, the query string and the table have them.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Enum.GetValues<TaskState>().Select(Name)];

    public static bool IsFinished(this TaskState state) => state is not (TaskState.Queued or TaskState.Running);

    public static string Name(this TaskState state) => state switch
    {
        TaskState.Queued => "queued",
        TaskState.Running => "running",
        TaskState.Succeeded => "succeeded",
        TaskState.Failed => "failed",
        TaskState.Unknown => "unknown",
        TaskState.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, message: null),
    };

    public static TaskState Parse(string name) => Enum.Parse<TaskState>(name, ignoreCase: true);
}
