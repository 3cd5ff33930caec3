using Npgsql;

namespace Jarvis.Workflows.Tasks;

/// <summary>The columns that every read selects, and how a row becomes a record.</summary>
internal static class TaskRows
{
    public const string Columns =
        """
        id, kind, status, workflow_id, workflow_name, webhook_method, webhook_path, attempt, correlation_id, cancel_requested, error_code, error,
        n8n_execution_id, created_at, started_at, finished_at, updated_at,
        extract(epoch FROM coalesce(finished_at, now()) - coalesce(started_at, created_at))::float8 * 1000,
        caller_kind, account_id
        """;

    /// <summary><see cref="Columns"/> and, after them, the result and what there is to say about it.</summary>
    public const string ColumnsWithResult = $"{Columns}, result, result_truncated, answer";

    private const int AfterColumns = 20;

    public static TaskSummary Summary(NpgsqlDataReader row) => new()
    {
        TaskId = row.GetGuid(0),
        Kind = row.GetString(1),
        Status = TaskStates.Parse(row.GetString(2)),
        WorkflowId = Text(row, 3),
        WorkflowName = Text(row, 4),
        Webhook = new(row.GetString(5), row.GetString(6)),
        Attempt = row.GetInt32(7),
        CorrelationId = row.GetString(8),
        StartedBy = Caller(row, 18),
        CancelRequested = row.GetBoolean(9),
        ErrorCode = Text(row, 10),
        Error = Text(row, 11),
        N8nExecutionId = Text(row, 12),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(13),
        StartedAt = Time(row, 14),
        FinishedAt = Time(row, 15),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(16),
        ElapsedMs = Math.Round(Math.Max(0, row.GetDouble(17)), 1),
    };

    public static TaskView View(NpgsqlDataReader row) => new(Summary(row))
    {
        Result = Json(row, AfterColumns),
        ResultTruncated = row.GetBoolean(AfterColumns + 1),
        Answer = Json(row, AfterColumns + 2),
    };

    /// <summary>Of the columns <c>caller_kind</c> and, after it, <c>account_id</c>.</summary>
    public static TaskCaller? Caller(NpgsqlDataReader row, int column) =>
        TaskCaller.Read(Text(row, column), row.IsDBNull(column + 1) ? null : row.GetGuid(column + 1));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static RawJson? Json(NpgsqlDataReader row, int column) => Text(row, column) is { } text ? new(text) : null;

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
