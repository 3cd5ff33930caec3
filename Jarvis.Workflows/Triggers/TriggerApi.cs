using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Retention;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Triggers;

public static class TriggerApi
{
    public const string Kind = "workflow.trigger";
    public const int MaxWaitSeconds = 60;

    public static TBuilder AddTriggers<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddHttpClient<CatalogClient>(http =>
        {
            http.BaseAddress = new Uri("http://catalog");
            http.Timeout = CatalogClient.Timeout;
        });
        builder.Services.AddScoped<TriggerService>();
        return builder;
    }

    public static void MapTriggers(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/workflow/trigger", TriggerAsync).RequireAuthorization(Policies.Operator)
            .Accepts<TriggerBody>("application/json")
            .WithRequestTimeout(TimeSpan.FromSeconds(MaxWaitSeconds + 15))
            .WithTags("Workflows").WithName("trigger-workflow")
            .WithSummary("Runs an n8n workflow through its webhook: one durable task (202), or its result with wait (200)")
            .WithBody(typeof(TriggerBody)).Answers(200, 202).WithQuery("wait", "Seconds to wait for the end.", 0, MaxWaitSeconds, 0, 30).WithIdempotencyKey()
            .WithAnswerHeader(200, "Location", "Where the task is.", "/api/v2/tasks/0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47")
            .WithAnswerHeader(200, IdempotencyKey.ReplayHeader, "`true` when it is the task of an earlier request.", "true", required: false)
            .WithAnswerHeader(202, IdempotencyKey.ReplayHeader, "`true` when it is the task of an earlier request.", "true", required: false)
            .WithError(ErrorCode.ResourceNotFound, "No workflow is named 'nobody'.").WithError(ErrorCode.Conflict, "The task is cancelled.", TaskOf("cancelled"))
            .WithError(ErrorCode.IdempotencyKeyReused, "This Idempotency-Key came before with another request. Use a new key for a new request.", new() { ["task_id"] = TaskId })
            .WithError(ErrorCode.Integration, "n8n answered 422: the workflow does not take this payload. Correct it, and trigger the workflow again. n8n says: quantity: must be positive", Answered(422)).WithError(ErrorCode.Internal, members: TaskOf("failed"))
            .WithError(ErrorCode.CircuitOpen, members: TaskOf("failed"))
            .WithError(ErrorCode.ServiceUnavailable, "No n8n is configured: start Jarvis with --n8n URL (N8n:BaseUrl). Nothing was accepted.", new() { ["service"] = "n8n" })
            .WithError(ErrorCode.IntegrationTimeout, "n8n did not answer in time. Whether the workflow ran is not known.", TaskOf("unknown"));

    private const string TaskId = "0198f2c4-7d1a-7c3e-9b5f-d2a6e8c01b47";

    private static JsonObject TaskOf(string status) => new() { ["service"] = "n8n", ["task_id"] = TaskId, ["task_status"] = status };

    private static JsonObject Answered(int status)
    {
        var task = TaskOf("failed");
        task["n8n"] = new JsonObject { ["http_status"] = status, ["execution_id"] = null, ["body"] = new JsonObject { ["errors"] = new JsonObject { ["quantity"] = new JsonArray("must be positive") } } };
        return task;
    }

    private static async Task<Results<Enveloped<TaskView>, Failure>> TriggerAsync(
        [FromBody] JsonElement body, HttpContext context, TriggerService triggers, TaskWaiters waiters, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context.Request.Query);
        var wait = query.Whole("wait", 0, 0, MaxWaitSeconds);
        var key = IdempotencyKey.Read(context.Request, query);
        if (body.ValueKind != JsonValueKind.Object)
            return Failure.Malformed("The body must be a JSON object.");
        var request = TriggerRequest.Read(body, query);
        query.ThrowIfWrong();

        var caller = context.RequiredCaller();
        var (id, replay) = await triggers.AcceptAsync(request, key, TaskCaller.Of(caller), cancellationToken);
        context.Response.Headers.Location = TasksApi.Location(id);
        if (replay)
            context.Response.Headers[IdempotencyKey.ReplayHeader] = "true";
        var task = await waiters.WaitAsync(id, TimeSpan.FromSeconds(wait), cancellationToken)
            ?? throw new InvalidOperationException("A task that was accepted is gone.");
        return TriggerAnswer.Of(task.SeenBy(caller), waited: wait > 0);
    }
}

/// <summary>Accepts a trigger: finds what it means and commits the task.</summary>
public sealed class TriggerService(
    TaskStore store, CatalogClient catalog, TaskNews news, IOptions<N8nOptions> n8n, IOptions<TaskQuotaOptions> quota, IOptions<RetentionOptions> retention, TimeProvider time)
{
    /// <summary>Commits the task that is asked for, once.</summary>
    /// <returns>The task, and whether it is that of an earlier request of the same account with the same key.</returns>
    /// <exception cref="FailureException">It cannot be accepted; nothing was kept.</exception>
    public async Task<(Guid Id, bool Replay)> AcceptAsync(TriggerRequest request, string? key, TaskCaller caller, CancellationToken cancellationToken)
    {
        var hash = IdempotencyKey.Hash(request);
        // Before anything else is asked: a repeat gets its task also while the catalog or n8n is away.
        if (key is not null && await FindFirstAsync(caller, key, hash, cancellationToken) is { } first)
            return (first, true);
        if (!n8n.Value.IsConfigured)
            throw Failure.Unavailable("n8n", "No n8n is configured: start Jarvis with --n8n URL (N8n:BaseUrl). Nothing was accepted.").AsException();

        var (workflow, webhook) = await ResolveAsync(request, cancellationToken);
        var task = new NewTask(Guid.CreateVersion7(time.GetUtcNow()), TriggerApi.Kind, workflow?.Id, workflow?.Name, caller, webhook, request.Payload,
            key, hash, CorrelationId.Current ?? CorrelationId.Create(time), Activity.Current?.Id);
        if (await store.AddAsync(task, cancellationToken))
        {
            news.Publish(new(task.Id, task.Kind, TaskState.Queued, task.WorkflowId, task.WorkflowName, Attempt: 0, ErrorCode: null));
            return (task.Id, false);
        }
        // Another request with the key was quicker; else there is no room for the task.
        return key is not null && await FindFirstAsync(caller, key, hash, cancellationToken) is { } quicker ? (quicker, true) : throw NoRoom().AsException();
    }

    private async Task<(CatalogWorkflow? Workflow, TaskWebhook Webhook)> ResolveAsync(TriggerRequest request, CancellationToken cancellationToken)
    {
        if (request.WebhookPath is { } path)
            return (null, new(request.Method ?? "POST", path));
        var workflow = await catalog.FindWorkflowAsync(request.WorkflowId!, cancellationToken)
            ?? throw Failure.NotFound($"No workflow is named '{request.WorkflowId}'.").AsException();
        var (webhook, failure) = WebhookChoice.Of(workflow, request.Method);
        if (failure is not null)
            throw failure.AsException();
        if (webhook!.Method == "GET")
            TriggerRequest.CheckQuery(request.Payload, (field, message) => throw Failure.Invalid(field, message).AsException());
        return (workflow, webhook);
    }

    private Failure NoRoom() => new(ErrorCode.RateLimited,
        $"Your account keeps as many tasks, or bytes of them, as it may (Quotas:MaxTasks {quota.Value.MaxTasks}, Quotas:MaxTaskBytes {quota.Value.MaxTaskBytes}). Nothing was accepted. Room comes when the oldest are pruned, {retention.Value.Days} days after their end, or when an administrator raises the limit.")
    {
        RetryAfter = TimeSpan.FromSeconds(retention.Value.IntervalSeconds),
    };

    private async Task<Guid?> FindFirstAsync(TaskCaller caller, string key, byte[] hash, CancellationToken cancellationToken)
    {
        if (await store.FindByKeyAsync(caller, TriggerApi.Kind, key, hash, cancellationToken) is not { } found)
            return null;
        return found.SameRequest ? found.Id
            : throw new Failure(ErrorCode.IdempotencyKeyReused, "This Idempotency-Key came before with another request. Use a new key for a new request.")
            {
                Extensions = new(StringComparer.Ordinal) { ["task_id"] = found.Id },
            }.AsException();
    }
}
