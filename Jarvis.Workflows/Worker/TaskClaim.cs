using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Worker;

/// <summary>
/// A task that this process holds the lease of. <c>Fence</c> is the fencing token: nothing is written once a newer claim exists; <c>Age</c> counts
/// from its acceptance, by the server's clock.
/// </summary>
public sealed record TaskClaim(
    Guid Id, long Fence, string Kind, string? WorkflowId, string? WorkflowName, TaskWebhook Webhook, string Payload,
    string CorrelationId, string? TraceParent, int Attempt, TimeSpan Age);

/// <summary>A task whose lease ran out, and what became of it.</summary>
public sealed record LostTask(Guid Id, string Kind, TaskState Status, string? WorkflowId, string? WorkflowName, string CorrelationId, int Attempt, string? ErrorCode);
