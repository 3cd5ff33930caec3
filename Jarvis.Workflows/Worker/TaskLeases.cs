using System.Text;
using Jarvis.ServiceDefaults.Data;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Workflows.Worker;

/// <summary>Tasks as their workers hold and end them. Each change is one statement with its event.</summary>
public sealed class TaskLeases(NpgsqlDataSource database, LeaseDatabase leases, IOptions<WorkerOptions> options) : ITaskLeases
{
    public async Task<bool?> RenewAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        await using var command = leases.Source.CreateCommand(
            """
            UPDATE workflows.task SET lease_until = now() + $3
            WHERE id = $1 AND fence = $2 AND status = 'running' RETURNING cancel_requested
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = options.Value.Lease });
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

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

    public async Task<bool> FinishAsync(TaskClaim claim, TaskOutcome outcome, CancellationToken cancellationToken)
    {
        // The second count is for a commit whose confirmation was lost, when it is offered again: it sees the row as it was before this statement.
        await using var command = database.CreateCorrelatedCommand(
            """
            WITH done AS (
                UPDATE workflows.task
                SET status = $3, error_code = $4, error = $5, result = $6, result_truncated = $7, n8n_execution_id = $8, answer = $9,
                    finished_at = now(), updated_at = now(), lease_until = NULL, stored_bytes = stored_bytes + $10
                WHERE id = $1 AND fence = $2 AND status IN ('running', 'unknown') RETURNING id, attempt, account_id),
            noted AS (INSERT INTO workflows.task_event (task_id, event, attempt, detail) SELECT id, $3, attempt, $5 FROM done),
            counted AS (UPDATE workflows.account_usage u SET bytes = u.bytes + $10 FROM done WHERE u.account_id = done.account_id)
            SELECT (SELECT count(*) FROM done) + (
                SELECT count(*) FROM workflows.task
                WHERE id = $1 AND fence = $2 AND status = $3 AND status NOT IN ('running', 'unknown'))
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = outcome.State.Name() });
        command.Parameters.Add(Nullable(outcome.ErrorCode, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Error, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Result, NpgsqlDbType.Json));
        command.Parameters.Add(new() { Value = outcome.ResultTruncated });
        command.Parameters.Add(Nullable(outcome.ExecutionId, NpgsqlDbType.Text));
        command.Parameters.Add(Nullable(outcome.Answer, NpgsqlDbType.Json));
        command.Parameters.Add(new() { Value = outcome.Result is { } result ? Encoding.UTF8.GetByteCount(result) : 0 });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == 1;
    }

    public async Task<TaskState?> RequeueAsync(TaskClaim claim, TimeSpan wait, string reason, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(
            $"""
            WITH back AS (
                UPDATE workflows.task
                SET status = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
                    finished_at = CASE WHEN cancel_requested THEN now() END,
                    error = CASE WHEN cancel_requested THEN '{TaskStore.CancelledUnsent}' END,
                    available_at = now() + $3, lease_until = NULL, sent_at = NULL, updated_at = now()
                WHERE id = $1 AND fence = $2 AND status = 'running' RETURNING id, attempt, status),
            noted AS (
                INSERT INTO workflows.task_event (task_id, event, attempt, detail)
                SELECT id, CASE WHEN status = 'queued' THEN 'requeued' ELSE status END, attempt, $4 FROM back)
            SELECT status FROM back
            """);
        Add(command, claim);
        command.Parameters.Add(new() { Value = wait });
        command.Parameters.Add(new() { Value = reason });
        return await command.ExecuteScalarAsync(cancellationToken) is string status ? TaskStates.Parse(status) : null;
    }

    private static void Add(NpgsqlCommand command, TaskClaim claim)
    {
        command.Parameters.Add(new() { Value = claim.Id });
        command.Parameters.Add(new() { Value = claim.Fence });
    }

    private static NpgsqlParameter Nullable(string? value, NpgsqlDbType type) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };
}
