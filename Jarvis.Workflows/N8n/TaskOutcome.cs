using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.N8n;

/// <summary>How a run ended.</summary>
public sealed record TaskOutcome(TaskState State)
{
    /// <summary>A name of <see cref="Jarvis.ServiceDefaults.Errors.ErrorCode"/>, when it did not succeed.</summary>
    public string? ErrorCode { get; init; }

    public string? Error { get; init; }

    /// <summary>JSON.</summary>
    public string? Result { get; init; }

    /// <summary>JSON about the result.</summary>
    public string? Answer { get; init; }

    public bool ResultTruncated { get; init; }

    public string? ExecutionId { get; init; }

    public static TaskOutcome Failed(ErrorCode code, string error) => new(TaskState.Failed) { ErrorCode = code.Name, Error = error };

    public static TaskOutcome Unknown(ErrorCode code, string error) => new(TaskState.Unknown) { ErrorCode = code.Name, Error = error };
}
