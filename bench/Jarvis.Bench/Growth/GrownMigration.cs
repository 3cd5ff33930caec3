using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Jarvis.Bench.Growth;

/// <summary>A migration that adds an index to the largest table while tasks go on being accepted.</summary>
public static class GrownMigration
{
    private const string Name = "9999_bench.concurrent.sql";

    public static async Task MeasureAsync(HttpClient client, NpgsqlDataSource database, TextWriter output)
    {
        await RemoveAsync(database);
        using var end = new CancellationTokenSource();
        var quiet = await WriteAsync(client, new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token);
        var writing = WriteAsync(client, end.Token);
        using var runner = new MigrationRunner(database, new("workflows", new Files()), TimeProvider.System, NullLogger<MigrationRunner>.Instance);
        var started = Stopwatch.GetTimestamp();
        await runner.StartAsync(CancellationToken.None);
        await runner.Applied;
        var took = Stopwatch.GetElapsedTime(started);
        await end.CancelAsync();
        var busy = await writing;
        await RemoveAsync(database);
        await output.WriteLineAsync($"an index on workflows.task in {took.TotalSeconds:0.0} s");
        await output.WriteLineAsync($"tasks accepted meanwhile: {busy}; before it: {quiet}");
    }

    private static async Task<Writes> WriteAsync(HttpClient client, CancellationToken end)
    {
        var started = Stopwatch.GetTimestamp();
        var (accepted, failed, slowest) = (0, 0, 0.0);
        while (!end.IsCancellationRequested)
        {
            var one = Stopwatch.GetTimestamp();
            using var response = await client.PostAsJsonAsync("/api/v2/metrics/track", new { metric_name = "grown.write", value = 1 }, CancellationToken.None);
            using var task = await client.PostAsJsonAsync("/api/v2/workflow/trigger", new { webhook_path = "grown", payload = new { } }, CancellationToken.None);
            slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(one).TotalMilliseconds);
            if (response.IsSuccessStatusCode && task.IsSuccessStatusCode)
                accepted++;
            else
                failed++;
        }
        return new(accepted / Stopwatch.GetElapsedTime(started).TotalSeconds, failed, slowest);
    }

    private static async Task RemoveAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand($"DROP INDEX IF EXISTS workflows.bench_updated; DELETE FROM workflows.migration WHERE name = '{Name}'");
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private sealed record Writes(double PerSecond, int Failed, double SlowestMs)
    {
        public override string ToString() => $"{PerSecond:0} a second, {Failed} failed, the slowest in {SlowestMs:0} ms";
    }

    private sealed class Files : Assembly
    {
        public override string[] GetManifestResourceNames() => [$"Bench.Migrations.{Name}"];

        public override Stream GetManifestResourceStream(string name) =>
            new MemoryStream(Encoding.UTF8.GetBytes("CREATE INDEX CONCURRENTLY IF NOT EXISTS bench_updated ON workflows.task (updated_at);"));
    }
}
