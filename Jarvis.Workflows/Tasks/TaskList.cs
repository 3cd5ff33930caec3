using Npgsql;

namespace Jarvis.Workflows.Tasks;

/// <summary>
/// The statements of the lists, each with the index that answers it in its order, so that a page reads no more rows than it shows: without a filter
/// <c>task_recent_of_all</c>; with one <c>task_recent_by_status</c>, <c>…_by_correlation</c>, <c>…_by_workflow</c>; workflow and state together
/// <c>…_by_workflow_and_status</c>. A correlation ID beside another filter reads all tasks of that ID at the most.
/// </summary>
internal static class TaskList
{
    public const string Active = $"SELECT {TaskRows.Columns} FROM workflows.task WHERE status IN ('queued', 'running') ORDER BY created_at, id LIMIT $1";

    /// <summary>Newest first; <paramref name="after"/> is where the page before ended.</summary>
    public static (string Sql, IReadOnlyList<NpgsqlParameter> Parameters) Recent(TaskFilter filter, TaskCursor? after, int limit)
    {
        List<NpgsqlParameter> parameters = [new() { Value = limit }];
        List<string> conditions = [];
        foreach (var (column, value) in new[] { ("status", filter.Status), ("correlation_id", filter.CorrelationId), ("workflow_id", filter.WorkflowId) })
        {
            if (value is null)
                continue;
            parameters.Add(new() { Value = value });
            conditions.Add($"{column} = ${parameters.Count}");
        }
        // Keeps the index over all tasks out of the plans of the others.
        if (conditions.Count == 0)
            conditions.Add("kind <> ''");
        if (after is { } cursor)
        {
            parameters.Add(new() { Value = cursor.CreatedAt });
            parameters.Add(new() { Value = cursor.Id });
            conditions.Add($"(created_at, id) < (${parameters.Count - 1}, ${parameters.Count})");
        }
        return ($"SELECT {TaskRows.Columns} FROM workflows.task WHERE {string.Join(" AND ", conditions)} ORDER BY created_at DESC, id DESC LIMIT $1", parameters);
    }
}
