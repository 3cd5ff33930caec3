using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Telemetry.Retention;

/// <summary>
/// Deletes what is older than the retention, in small statements, the oldest first. Several replicas may do so at once: they skip each
/// other's rows. Partitions by day would make this a DROP TABLE; they are worth their rules only at far more than a million spans a day.
/// </summary>
internal sealed partial class Pruner(
    NpgsqlDataSource database, MigrationRunner migrations, RetentionWindow retention, IOptions<RetentionOptions> options, TimeProvider time, ILogger<Pruner> logger)
    : BackgroundService
{
    private const string Spans =
        """
        DELETE FROM telemetry.span WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM telemetry.span WHERE start_unix_nano < $1 ORDER BY start_unix_nano LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    // A trace goes with its last span, so that a long one is never counted without rows.
    private const string Traces =
        """
        DELETE FROM telemetry.trace WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM telemetry.trace AS t WHERE start_unix_nano < $1 AND NOT EXISTS (SELECT 1 FROM telemetry.span AS s WHERE s.trace_id = t.trace_id)
            ORDER BY start_unix_nano LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    private const string Points =
        """
        WITH gone AS (
            DELETE FROM telemetry.metric_point WHERE ctid = ANY (ARRAY(SELECT ctid FROM telemetry.metric_point WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING metric_id
        ), counted AS (SELECT metric_id, count(*) AS points FROM gone GROUP BY metric_id ORDER BY metric_id),
        less AS (UPDATE telemetry.metric AS m SET points = m.points - c.points FROM counted AS c WHERE m.id = c.metric_id)
        SELECT count(*) FROM gone
        """;

    // A metric goes with its last point, else names that nobody sends any more pile up.
    private const string Metrics =
        """
        DELETE FROM telemetry.metric WHERE id = ANY (ARRAY(
            SELECT id FROM telemetry.metric AS m WHERE last_seen_at < $1 AND NOT EXISTS (SELECT 1 FROM telemetry.metric_point AS p WHERE p.metric_id = m.id)
            LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var suppressed = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time);
        do
        {
            try
            {
                await PruneAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var cutoff = retention.Cutoff();
        var nanos = UnixTime.Nanos(cutoff);
        var spans = await RepeatAsync(Spans, nanos, cancellationToken);
        var traces = await RepeatAsync(Traces, nanos, cancellationToken);
        var points = await RepeatAsync(Points, cutoff.UtcDateTime, cancellationToken);
        await RepeatAsync(Metrics, cutoff.UtcDateTime, cancellationToken);
        if (spans + traces + points > 0)
            LogPruned(spans, traces, points);
    }

    private async Task<long> RepeatAsync(string sql, object cutoff, CancellationToken cancellationToken)
    {
        long total = 0, rows;
        do
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.Add(new() { Value = cutoff });
            command.Parameters.Add(new() { Value = options.Value.BatchRows });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            rows = await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : reader.RecordsAffected;
            total += rows;
        }
        while (rows == options.Value.BatchRows);
        return total;
    }

    [LoggerMessage(EventId = 110, Level = LogLevel.Information, Message = "Pruned {Spans} spans, {Traces} traces and {Points} metric points")]
    private partial void LogPruned(long spans, long traces, long points);

    [LoggerMessage(EventId = 111, Level = LogLevel.Warning, Message = "Pruning failed; it is tried again in the next round")]
    private partial void LogFailed(Exception exception);
}

public static class RetentionExtensions
{
    public static TBuilder AddRetention<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration("Retention").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<RetentionWindow>();
        builder.Services.AddHostedService<Pruner>();
        return builder;
    }
}
