using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Workflows.Worker;

/// <summary>Takes tasks: from the queue for this process, and from workers that are gone. Each change is one statement with its event.</summary>
public sealed class TaskClaims(NpgsqlDataSource database, LeaseDatabase leases, IOptions<WorkerOptions> options)
{
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
        command.Parameters.Add(new() { Value = options.Value.Lease });
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

    /// <summary>
    /// Tasks whose worker is gone: sent ones become unknown (n8n removes no duplicates, so nothing is sent again on a guess), the others
    /// go back into the queue, a bounded number of times. A server that was away a moment ago leaves the holders a lease's time to renew first.
    /// </summary>
    public async Task<IReadOnlyList<LostTask>> ReapAsync(CancellationToken cancellationToken)
    {
        await using var command = leases.Source.CreateCommand(
            $"""
            WITH lost AS (
                SELECT id FROM workflows.task WHERE status = 'running' AND lease_until < now() AND pg_postmaster_start_time() < now() - $4
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
                    error = CASE decided.status WHEN 'unknown' THEN $2 WHEN 'failed' THEN $3 WHEN 'cancelled' THEN '{TaskStore.CancelledUnsent}' END
                FROM decided WHERE t.id = decided.id
                RETURNING t.*),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt, detail) SELECT id, 'lease_lost', attempt, 'now ' || status FROM reaped)
            SELECT id, kind, status, workflow_id, workflow_name, correlation_id, attempt, error_code FROM reaped
            """);
        command.Parameters.Add(new() { Value = options.Value.MaxLostLeases });
        command.Parameters.Add(new() { Value = "The worker was lost after the request had left for n8n. Whether the workflow ran is not known: look at n8n's executions before triggering it again." });
        command.Parameters.Add(new() { Value = "The worker was lost again and again before the request could be sent." });
        command.Parameters.Add(new() { Value = options.Value.Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tasks = new List<LostTask>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tasks.Add(new(reader.GetGuid(0), reader.GetString(1), TaskStates.Parse(reader.GetString(2)), Text(reader, 3), Text(reader, 4),
                reader.GetString(5), reader.GetInt32(6), Text(reader, 7)));
        }
        return tasks;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
