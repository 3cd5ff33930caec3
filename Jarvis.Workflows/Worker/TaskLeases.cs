using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Workflows.Worker;

/// <summary>
/// Tasks as workers take, hold and end them. Each change is one statement with its event, and counts only under the newest fencing token.
/// </summary>
public sealed class TaskLeases(NpgsqlDataSource database, IOptions<WorkerOptions> options)
{
    private TimeSpan Lease => TimeSpan.FromSeconds(options.Value.LeaseSeconds);

    /// <summary>Takes up to <paramref name="count"/> tasks that are due, the longest waiting first.</summary>
    public async Task<IReadOnlyList<TaskClaim>> ClaimAsync(int count, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            WITH due AS (
                SELECT id FROM workflows.task WHERE status = 'queued' AND available_at <= now()
                ORDER BY available_at, id LIMIT $1 FOR UPDATE SKIP LOCKED),
            claimed AS (
                UPDATE workflows.task t
                SET status = 'running', fence = fence + 1, lease_until = now() + $2, sent_at = NULL,
                    started_at = coalesce(started_at, now()), updated_at = now()
                FROM due WHERE t.id = due.id
                RETURNING t.*),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt) SELECT id, 'claimed', attempt FROM claimed)
            SELECT id, fence, kind, workflow_id, workflow_name, webhook_method, webhook_path, payload::text, correlation_id, traceparent, attempt,
                now() - created_at
            FROM claimed
            """);
        command.Parameters.Add(new() { Value = count });
        command.Parameters.Add(new() { Value = Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claims = new List<TaskClaim>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claims.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), Text(reader, 3), Text(reader, 4),
                new(reader.GetString(5), reader.GetString(6)), reader.GetString(7), reader.GetString(8), Text(reader, 9), reader.GetInt32(10),
                reader.GetTimeSpan(11)));
        }
        return claims;
    }

    /// <summary>Holds the lease for another while.</summary>
    /// <returns>Whether cancellation was asked for; null when the lease is lost.</returns>
    public async Task<bool?> RenewAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE workflows.task SET lease_until = now() + $3
            WHERE id = $1 AND fence = $2 AND status = 'running' RETURNING cancel_requested
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = Lease });
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Writes down, before it happens, that a request leaves.</summary>
    /// <returns>The number of the attempt; null when it may not leave: the lease is lost, or the task is to be cancelled.</returns>
    public async Task<int?> SendingAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            WITH sending AS (
                UPDATE workflows.task SET sent_at = now(), attempt = attempt + 1, updated_at = now()
                WHERE id = $1 AND fence = $2 AND status = 'running' AND NOT cancel_requested RETURNING id, attempt),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt) SELECT id, 'sending', attempt FROM sending)
            SELECT attempt FROM sending
            """);
        Add(command, claim);
        return (int?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>The request that was announced has certainly done nothing.</summary>
    public async Task NotDoneAsync(TaskClaim claim, string reason, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            WITH refused AS (
                UPDATE workflows.task SET sent_at = NULL, updated_at = now()
                WHERE id = $1 AND fence = $2 AND status = 'running' RETURNING id, attempt)
            INSERT INTO workflows.task_event (task_id, event, attempt, detail) SELECT id, 'not_done', attempt, $3 FROM refused
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = reason });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the task. A task that was given up as unknown meanwhile takes the truth that arrives late: it is not claimed again, so the token still fits.
    /// </summary>
    /// <returns>False when the lease was lost to another worker.</returns>
    public async Task<bool> FinishAsync(TaskClaim claim, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            WITH done AS (
                UPDATE workflows.task
                SET status = $3, error_code = $4, error = $5, result = $6, result_truncated = $7, n8n_execution_id = $8, answer = $9,
                    finished_at = now(), updated_at = now(), lease_until = NULL
                WHERE id = $1 AND fence = $2 AND status IN ('running', 'unknown') RETURNING id, attempt),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt, detail) SELECT id, $3, attempt, $5 FROM done)
            SELECT count(*) FROM done
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = outcome.State.Name() });
        command.Parameters.Add(Nullable(outcome.ErrorCode, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Error, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Result, NpgsqlDbType.Json));
        command.Parameters.Add(new() { Value = outcome.ResultTruncated });
        command.Parameters.Add(Nullable(outcome.ExecutionId, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Answer, NpgsqlDbType.Json));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == 1;
    }

    /// <summary>Gives the task back, to be claimed again after <paramref name="wait"/>. Only for a task of which no request is out.</summary>
    public async Task<bool> RequeueAsync(TaskClaim claim, TimeSpan wait, string reason, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            """
            WITH back AS (
                UPDATE workflows.task
                SET status = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
                    finished_at = CASE WHEN cancel_requested THEN now() END,
                    available_at = now() + $3, lease_until = NULL, updated_at = now()
                WHERE id = $1 AND fence = $2 AND status = 'running' AND sent_at IS NULL RETURNING id, attempt, status),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt, detail)
                SELECT id, CASE WHEN status = 'queued' THEN 'requeued' ELSE status END, attempt, $4 FROM back)
            SELECT count(*) FROM back
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = wait });
        command.Parameters.Add(new() { Value = reason });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == 1;
    }

    /// <summary>
    /// Tasks whose worker is gone: sent ones become unknown (n8n removes no duplicates, so nothing is sent again on a guess), the others
    /// go back into the queue, a bounded number of times. A server that was away a moment ago leaves the holders a lease's time to renew first.
    /// </summary>
    public async Task<IReadOnlyList<LostTask>> ReapAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            WITH lost AS (
                SELECT id FROM workflows.task WHERE status = 'running' AND lease_until < now() AND pg_postmaster_start_time() < now() - $5
                ORDER BY lease_until LIMIT 100 FOR UPDATE SKIP LOCKED),
            decided AS (
                SELECT t.id, CASE
                    WHEN sent_at IS NOT NULL THEN 'unknown'
                    WHEN cancel_requested THEN 'cancelled'
                    WHEN lost_leases + 1 >= $1 THEN 'failed'
                    ELSE 'queued' END AS status
                FROM workflows.task t JOIN lost ON lost.id = t.id),
            reaped AS (
                UPDATE workflows.task t
                SET status = decided.status, lost_leases = lost_leases + 1, lease_until = NULL, available_at = now(), updated_at = now(),
                    finished_at = CASE WHEN decided.status <> 'queued' THEN now() END,
                    error_code = CASE decided.status WHEN 'unknown' THEN '{ErrorCode.Integration.Name}' WHEN 'failed' THEN '{ErrorCode.Internal.Name}' END,
                    error = CASE decided.status WHEN 'unknown' THEN $2 WHEN 'failed' THEN $3 WHEN 'cancelled' THEN $4 END
                FROM decided WHERE t.id = decided.id
                RETURNING t.*),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt, detail) SELECT id, 'lease_lost', attempt, 'now ' || status FROM reaped)
            SELECT id, kind, status, workflow_id, workflow_name, correlation_id, attempt, error_code FROM reaped
            """);
        command.Parameters.Add(new() { Value = options.Value.MaxLostLeases });
        command.Parameters.Add(new() { Value = "The worker was lost after the request had left for n8n. Whether the workflow ran is not known: look at n8n's executions before triggering it again." });
        command.Parameters.Add(new() { Value = "The worker was lost again and again before the request could be sent." });
        command.Parameters.Add(new() { Value = "Cancelled before it was sent." });
        command.Parameters.Add(new() { Value = Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tasks = new List<LostTask>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tasks.Add(new(reader.GetGuid(0), reader.GetString(1), TaskStates.Parse(reader.GetString(2)), Text(reader, 3), Text(reader, 4),
                reader.GetString(5), reader.GetInt32(6), Text(reader, 7)));
        }
        return tasks;
    }

    private static void Add(NpgsqlCommand command, TaskClaim claim)
    {
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Fence });
    }

    private static NpgsqlParameter Nullable(string? value, NpgsqlDbType type) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
