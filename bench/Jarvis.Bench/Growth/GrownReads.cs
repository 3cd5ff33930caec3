using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Jarvis.Bench.Growth;

/// <summary>Each read of the API that asks a table that grows: how long it takes, and through how many rows of large tables Postgres went for it.</summary>
public sealed class GrownReads(HttpClient client, NpgsqlDataSource database, TextWriter output)
{
    private const int Repeats = 5;

    // A session tells Postgres' statistics of what it read at most once a second.
    private static readonly TimeSpan StatisticsDelay = TimeSpan.FromSeconds(1.2);

    public async Task MeasureAsync()
    {
        var task = (await GetAsync("tasks/recent?limit=1")).GetProperty("tasks")[0].GetProperty("task_id").GetString();
        var trace = (await GetAsync("traces?limit=1&until=" + Ago(TimeSpan.FromDays(7)))).GetProperty("traces")[0].GetProperty("trace_id").GetString();
        string[] paths =
        [
            "tasks/recent", "tasks/recent?status=unknown", "tasks/recent?status=queued", "tasks/recent?workflow_id=workflow-7", "tasks/recent?workflow_id=no-such",
            "tasks/recent?correlation_id=grown-77", $"tasks/{task}", "workflows/active",
            "traces", "traces?correlation_id=grown-77", "traces?service=catalog", "traces?service=no-such", "traces?name=GET%20/route/7", "traces?name=no-such", "traces?error=true",
            "traces?min_duration_ms=1000", "traces?min_duration_ms=100000", $"traces?until={Ago(TimeSpan.FromDays(7))}", $"traces/{trace}",
            "metrics/history?metric_name=grown.7&time_range=1h", "metrics/history?metric_name=grown.7&time_range=24h", "metrics/history?metric_name=grown.7&time_range=7d",
            "metrics/history?metric_name=grown.7&time_range=7d&aggregate=p95", "metrics/names",
            "audit", "audit?outcome=refused", "audit?outcome=failed", "audit?action=task.trigger", "audit?action=no.such", "auth/sessions", "users", "auth/me",
        ];
        await output.WriteLineAsync($"{"read",-75} {"median ms",10} {"slowest",10} {"rows read",12}");
        foreach (var path in paths)
        {
            var before = await RowsReadAsync();
            var times = new List<double>();
            var status = 0;
            for (var i = 0; i < Repeats; i++)
            {
                var started = Stopwatch.GetTimestamp();
                using var response = await client.GetAsync($"/api/v2/{path}");
                await response.Content.ReadAsByteArrayAsync();
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                status = (int)response.StatusCode;
                await Task.Delay(StatisticsDelay / 2);
            }
            await Task.Delay(StatisticsDelay);
            times.Sort();
            var rows = (await RowsReadAsync() - before) / Repeats;
            await output.WriteLineAsync($"{path,-75} {times[Repeats / 2],10:0.0} {times[^1],10:0.0} {rows,12:N0}{(status == 200 ? "" : $"  answered {status}")}");
        }
    }

    private static string Ago(TimeSpan time) => Uri.EscapeDataString((TimeProvider.System.GetUtcNow() - time).ToString("O"));

    /// <summary>Rows of large tables that were read so far, one after the other or by an index.</summary>
    private async Task<long> RowsReadAsync()
    {
        await using var command = database.CreateCommand(
            "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_user_tables WHERE n_live_tup > 20000");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<JsonElement> GetAsync(string path) => (await client.GetFromJsonAsync<JsonElement>($"/api/v2/{path}")).GetProperty("data");
}
