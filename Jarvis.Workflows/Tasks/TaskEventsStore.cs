using Jarvis.ServiceDefaults.Data;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Tasks;

/// <summary>One line of a task's history with the number that orders it.</summary>
public sealed record NumberedTaskEvent(long Id, TaskEvent Event);

/// <summary>Where a task is, what its history has after a number, both of one moment, and who started it.</summary>
public sealed record TaskProgress(TaskState Status, IReadOnlyList<NumberedTaskEvent> Events, TaskCaller? StartedBy = null);

/// <summary>A task's history from a number on.</summary>
public interface ITaskEventsStore
{
    /// <summary>Null when there is no such task (any more).</summary>
    Task<TaskProgress?> AfterAsync(Guid task, long after, CancellationToken cancellationToken);
}

internal sealed class TaskEventsStore(NpgsqlDataSource database) : ITaskEventsStore
{
    public async Task<TaskProgress?> AfterAsync(Guid task, long after, CancellationToken cancellationToken)
    {
        // A look each second would drown the request's own spans.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var command = database.CreateCorrelatedCommand(
            """
            SELECT t.status, t.caller_kind, t.account_id, e.id, e.at, e.event, e.attempt, e.detail, e.caller_kind, e.account_id
            FROM workflows.task t
            LEFT JOIN LATERAL (SELECT * FROM workflows.task_event WHERE task_id = t.id AND id > $2 ORDER BY id LIMIT $3) e ON true
            WHERE t.id = $1 ORDER BY e.id
            """);
        command.Parameters.Add(new() { Value = task });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = TaskStore.MaxEvents });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        TaskState? status = null;
        TaskCaller? startedBy = null;
        var events = new List<NumberedTaskEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            status = TaskStates.Parse(reader.GetString(0));
            startedBy = TaskRows.Caller(reader, 1);
            if (!reader.IsDBNull(3))
            {
                events.Add(new(reader.GetInt64(3), new(
                    reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5), reader.GetInt32(6), reader.IsDBNull(7) ? null : reader.GetString(7),
                    TaskRows.Caller(reader, 8))));
            }
        }
        return status is { } known ? new(known, events, startedBy) : null;
    }
}
