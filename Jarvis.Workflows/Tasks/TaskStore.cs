using System.Text;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Workflows.Tasks;

/// <summary>Tasks as the API writes and reads them; what workers do to them is in <c>Worker/TaskLeases</c>.</summary>
public sealed class TaskStore(NpgsqlDataSource database, IOptions<TaskQuotaOptions> quota)
{
    /// <summary>The channel on which replicas tell each other of work (empty payload) and of cancellations (<c>cancel:{id}</c>).</summary>
    public const string Channel = "workflows_task";

    public const int MaxEvents = 200;

    internal const string CancelledUnsent = "Cancelled before it was sent.";

    /// <summary>Commits the task, its first event, what its account keeps, and the notification in one statement.</summary>
    /// <returns>False when the account has a task with this idempotency key already, or has no room for another one.</returns>
    public async Task<bool> AddAsync(NewTask task, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"""
            WITH added AS (
                INSERT INTO workflows.task (id, kind, workflow_id, workflow_name, webhook_method, webhook_path, payload,
                    idempotency_key, request_hash, correlation_id, traceparent, account_id, caller_kind, stored_bytes)
                SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
                WHERE NOT EXISTS (SELECT 1 FROM workflows.account_usage WHERE account_id = $12 AND (tasks >= $15 OR bytes + $14 > $16))
                ON CONFLICT (account_id, kind, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
                RETURNING id),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt, account_id, caller_kind) SELECT id, 'queued', 0, $12, $13 FROM added),
            counted AS (
                INSERT INTO workflows.account_usage AS u (account_id, tasks, bytes) SELECT $12, 1, $14 FROM added
                ON CONFLICT (account_id) DO UPDATE SET tasks = u.tasks + 1, bytes = u.bytes + EXCLUDED.bytes)
            SELECT id, pg_notify('{Channel}', '') FROM added
            """);
        var isBounded = task.StartedBy.Kind != CallerKind.Service;
        command.Parameters.Add(new() { Value = task.Id });
        command.Parameters.Add(new() { Value = task.Kind });
        command.Parameters.Add(Nullable(task.WorkflowId));
        command.Parameters.Add(Nullable(task.WorkflowName));
        command.Parameters.Add(new() { Value = task.Webhook.Method });
        command.Parameters.Add(new() { Value = task.Webhook.Path });
        command.Parameters.Add(new() { Value = task.Payload, NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(Nullable(task.IdempotencyKey));
        command.Parameters.Add(new() { Value = task.RequestHash });
        command.Parameters.Add(new() { Value = task.CorrelationId });
        command.Parameters.Add(Nullable(task.TraceParent));
        command.Parameters.Add(new() { Value = task.StartedBy.StoredAccount });
        command.Parameters.Add(new() { Value = task.StartedBy.StoredKind });
        command.Parameters.Add(new() { Value = Encoding.UTF8.GetByteCount(task.Payload) });
        command.Parameters.Add(Limit(isBounded ? quota.Value.MaxTasks : 0));
        command.Parameters.Add(Limit(isBounded ? quota.Value.MaxTaskBytes : 0));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }

    /// <summary>The task with which the account first sent this key, and whether it asked for the same.</summary>
    public async Task<(Guid Id, bool SameRequest)?> FindByKeyAsync(
        TaskCaller caller, string kind, string key, byte[] requestHash, CancellationToken cancellationToken)
    {
        // Tasks from before accounts were kept have none: an equal request with the key is their repeat, another request is not about them.
        await using var command = database.CreateCorrelatedCommand(
            """
            SELECT id, request_hash = $4 FROM workflows.task
            WHERE kind = $2 AND idempotency_key = $3 AND (account_id = $1 OR (account_id IS NULL AND request_hash = $4))
            ORDER BY account_id NULLS LAST LIMIT 1
            """);
        command.Parameters.Add(new() { Value = caller.StoredAccount });
        command.Parameters.Add(new() { Value = kind });
        command.Parameters.Add(new() { Value = key });
        command.Parameters.Add(new() { Value = requestHash });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetGuid(0), reader.GetBoolean(1)) : null;
    }

    public async Task<TaskView?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand($"SELECT {TaskRows.ColumnsWithResult} FROM workflows.task WHERE id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? TaskRows.View(reader) : null;
    }

    public async Task<IReadOnlyList<TaskEvent>> EventsAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            "SELECT at, event, attempt, detail, caller_kind, account_id FROM workflows.task_event WHERE task_id = $1 ORDER BY id DESC LIMIT $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = MaxEvents });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<TaskEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(new(
                reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                TaskRows.Caller(reader, 4)));
        }
        events.Reverse();
        return events;
    }

    /// <summary>Newest first; <paramref name="after"/> is where the page before ended.</summary>
    public async Task<IReadOnlyList<TaskSummary>> RecentAsync(TaskFilter filter, TaskCursor? after, int limit, CancellationToken cancellationToken)
    {
        var (sql, parameters) = TaskList.Recent(filter, after, limit);
        await using var command = database.CreateCorrelatedCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return await SummariesAsync(command, cancellationToken);
    }

    /// <summary>What runs or waits to run, oldest first.</summary>
    public async Task<IReadOnlyList<TaskSummary>> ActiveAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(TaskList.Active);
        command.Parameters.Add(new() { Value = limit });
        return await SummariesAsync(command, cancellationToken);
    }

    /// <summary>
    /// A queued task is cancelled at once. A running one is asked to stop: its worker hears of it by notification, or when it renews its lease.
    /// </summary>
    /// <returns>True when this call cancelled or asked; false when the task is finished (or not there).</returns>
    public async Task<bool> CancelAsync(Guid id, TaskCaller caller, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"""
            WITH asked AS (
                UPDATE workflows.task
                SET cancel_requested = true, updated_at = now(),
                    error = CASE WHEN status = 'queued' THEN '{CancelledUnsent}' ELSE error END,
                    finished_at = CASE WHEN status = 'queued' THEN now() END,
                    status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END
                WHERE id = $1 AND status IN ('queued', 'running')
                RETURNING id, status, attempt),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt, account_id, caller_kind)
                SELECT id, CASE WHEN status = 'cancelled' THEN 'cancelled' ELSE 'cancel_requested' END, attempt, $2, $3 FROM asked)
            SELECT pg_notify('{Channel}', 'cancel:' || id) FROM asked
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = caller.StoredAccount });
        command.Parameters.Add(new() { Value = caller.StoredKind });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<TaskSummary>> SummariesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tasks = new List<TaskSummary>();
        while (await reader.ReadAsync(cancellationToken))
            tasks.Add(TaskRows.Summary(reader));
        return tasks;
    }

    private static NpgsqlParameter Limit(long limit) => new() { Value = limit == 0 ? long.MaxValue : limit };

    private static NpgsqlParameter Nullable(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
