namespace Jarvis.Workflows.Tasks;

/// <summary>A task about to be accepted.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Kind">What executes it.</param>
/// <param name="WorkflowId">The workflow in the catalog, or null.</param>
/// <param name="WorkflowName">Its name, or null.</param>
/// <param name="StartedBy">Who asks for it: the key, the room and the result are that account's.</param>
/// <param name="Webhook">What will be called.</param>
/// <param name="Payload">A JSON object of at most 256 KiB.</param>
/// <param name="IdempotencyKey">The caller's key, or null.</param>
/// <param name="RequestHash">SHA-256 of what was asked for: tells a repeat from another request with the same key.</param>
/// <param name="CorrelationId">The request's correlation ID.</param>
/// <param name="TraceParent">The request's W3C trace context, so that the work stays in its trace.</param>
public sealed record NewTask(
    Guid Id, string Kind, string? WorkflowId, string? WorkflowName, TaskCaller StartedBy, TaskWebhook Webhook, string Payload,
    string? IdempotencyKey, byte[] RequestHash, string CorrelationId, string? TraceParent);
