using Jarvis.ServiceDefaults.Data;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Workflows.Tasks;

/// <summary>Tasks as the API writes and reads them; what workers do to them is in <c>Worker/TaskLeases</c>.</summary>
public sealed class TaskStore(NpgsqlDataSource database)
{
    /// <summary>The channel on which replicas tell each other of work (empty payload) and of cancellations (<c>cancel:{id}</c>).</summary>
    public const string Channel = "workflows_task";

    public const int MaxEvents = 200;

    /// <summary>Commits the task, its first event and the notification in one statement.</summary>
    /// <returns>False when a task with this idempotency key is there already.</returns>
    public async Task<bool> AddAsync(NewTask task, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"""
            WITH added AS (
                INSERT INTO workflows.task (id, kind, workflow_id, workflow_name, webhook_method, webhook_path, payload,
                    idempotency_key, request_hash, correlation_id, traceparent)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                ON CONFLICT (kind, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
                RETURNING id),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt) SELECT id, 'queued', 0 FROM added)
            SELECT id, pg_notify('{Channel}', '') FROM added
            """);
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
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken);
    }

    /// <summary>The task that first came with this key, and whether it asked for the same.</summary>
    public async Task<(Guid Id, bool SameRequest)?> FindByKeyAsync(string kind, string key, byte[] requestHash, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            "SELECT id, request_hash = $3 FROM workflows.task WHERE kind = $1 AND idempotency_key = $2");
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
            "SELECT at, event, attempt, detail FROM workflows.task_event WHERE task_id = $1 ORDER BY id DESC LIMIT $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = MaxEvents });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<TaskEvent>();
        while (await reader.ReadAsync(cancellationToken))
            events.Add(new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        events.Reverse();
        return events;
    }

    /// <summary>Newest first; <paramref name="after"/> is where the page before ended.</summary>
    public async Task<IReadOnlyList<TaskSummary>> RecentAsync(TaskFilter filter, TaskCursor? after, int limit, CancellationToken cancellationToken)
    {
        List<NpgsqlParameter> parameters = [new() { Value = limit }];
        List<string> conditions = ["true"];
        foreach (var (column, value) in new[] { ("status", filter.Status), ("correlation_id", filter.CorrelationId), ("workflow_id", filter.WorkflowId) })
        {
            if (value is null)
                continue;
            parameters.Add(new() { Value = value });
            conditions.Add($"{column} = ${parameters.Count}");
        }
        if (after is { } cursor)
        {
            parameters.Add(new() { Value = cursor.CreatedAt });
            parameters.Add(new() { Value = cursor.Id });
            conditions.Add($"(created_at, id) < (${parameters.Count - 1}, ${parameters.Count})");
        }
        await using var command = database.CreateCorrelatedCommand(
            $"SELECT {TaskRows.Columns} FROM workflows.task WHERE {string.Join(" AND ", conditions)} ORDER BY created_at DESC, id DESC LIMIT $1");
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return await SummariesAsync(command, cancellationToken);
    }

    /// <summary>What runs or waits to run, oldest first.</summary>
    public async Task<IReadOnlyList<TaskSummary>> ActiveAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"SELECT {TaskRows.Columns} FROM workflows.task WHERE status IN ('queued', 'running') ORDER BY created_at, id LIMIT $1");
        command.Parameters.Add(new() { Value = limit });
        return await SummariesAsync(command, cancellationToken);
    }

    /// <summary>
    /// A queued task is cancelled at once. A running one is asked to stop: its worker hears of it by notification, or when it renews its lease.
    /// </summary>
    /// <returns>True when this call cancelled or asked; false when the task is finished (or not there).</returns>
    public async Task<bool> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"""
            WITH asked AS (
                UPDATE workflows.task
                SET cancel_requested = true, updated_at = now(),
                    error = CASE WHEN status = 'queued' THEN 'Cancelled before it was sent.' ELSE error END,
                    finished_at = CASE WHEN status = 'queued' THEN now() END,
                    status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END
                WHERE id = $1 AND status IN ('queued', 'running')
                RETURNING id, status, attempt),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt)
                SELECT id, CASE WHEN status = 'cancelled' THEN 'cancelled' ELSE 'cancel_requested' END, attempt FROM asked)
            SELECT pg_notify('{Channel}', 'cancel:' || id) FROM asked
            """);
        command.Parameters.Add(new() { Value = id });
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

    private static NpgsqlParameter Nullable(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
