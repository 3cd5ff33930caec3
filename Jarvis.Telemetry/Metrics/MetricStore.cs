using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Quotas;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Telemetry.Metrics;

/// <summary>Metric points in Postgres.</summary>
internal sealed class MetricStore(NpgsqlDataSource database, PointPartitions partitions, AccountQuota quota, IOptions<QuotaOptions> options)
{
    // A partition may be dropped, or a name deleted, between two statements; more often than once is no chance any more.
    private const int Tries = 4;

    /// <summary>Ends when all of <paramref name="points"/> are committed.</summary>
    /// <exception cref="FailureException">429: <paramref name="caller"/> has stored enough today; 409: there are enough metrics. Nothing was stored.</exception>
    public async Task AddAsync(IReadOnlyCollection<MetricPoint> points, Caller caller, CancellationToken cancellationToken)
    {
        var names = points.Select(point => point.Name).Distinct(StringComparer.Ordinal).ToArray();
        var bytes = points.Sum(point => point.Bytes);
        await quota.TakeAsync(caller, QuotaKind.Points, points.Count, cancellationToken);
        var stored = false;
        try
        {
            await quota.TakeAsync(caller, QuotaKind.Bytes, bytes, cancellationToken);
            try
            {
                await AddAsync(points, names, caller, cancellationToken);
                stored = true;
            }
            finally
            {
                if (!stored)
                    quota.Return(caller, QuotaKind.Bytes, bytes);
            }
        }
        finally
        {
            if (!stored)
                quota.Return(caller, QuotaKind.Points, points.Count);
        }
    }

    /// <summary>Null when no metric has this name.</summary>
    public async Task<IReadOnlyList<MetricSeries>?> HistoryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCorrelatedCommand("SELECT id FROM telemetry.metric WHERE name = $1");
        find.Parameters.Add(new() { Value = query.MetricName });
        if (await find.ExecuteScalarAsync(cancellationToken) is not int id)
            return null;
        await using var command = database.CreateCorrelatedCommand(HistorySql.For(query));
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = query.Since.UtcDateTime });
        command.Parameters.Add(new() { Value = query.Until.UtcDateTime });
        command.Parameters.Add(new() { Value = query.Step });
        command.Parameters.Add(new() { Value = (object?)query.ReadBy ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        foreach (var (tag, value) in query.Tags)
        {
            command.Parameters.Add(new() { Value = tag });
            command.Parameters.Add(new() { Value = value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var series = new MetricSeriesReader(query);
        while (await reader.ReadAsync(cancellationToken))
            series.Add(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetDouble(2), reader.GetInt64(3));
        return series.Series;
    }

    /// <summary>
    /// A page of metrics, and how many there are: as many as <see cref="QuotaOptions.MaxMetrics"/> at the most, so that counting and
    /// skipping them is bounded.
    /// </summary>
    public async Task<(IReadOnlyList<MetricName> Metrics, int Total)> NamesAsync(int limit, int offset, CancellationToken cancellationToken)
    {
        await using var count = database.CreateCorrelatedCommand(MetricSql.Count);
        var total = (int)(long)(await count.ExecuteScalarAsync(cancellationToken))!;
        await using var command = database.CreateCorrelatedCommand(MetricSql.List);
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = offset });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var metrics = new List<MetricName>();
        while (await reader.ReadAsync(cancellationToken))
            metrics.Add(new(reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        return (metrics, total);
    }

    private async Task AddAsync(IReadOnlyCollection<MetricPoint> points, string[] names, Caller caller, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            await partitions.EnsureAsync(points.Select(point => point.At), cancellationToken);
            try
            {
                if (await InsertAsync(points, names, cancellationToken) == points.Count)
                    return;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.CheckViolation)
            {
                // The partition of one of them has gone.
                partitions.Forget();
                continue;
            }
            await AddNamesAsync(names, caller, cancellationToken);
        }
        throw Failure.Unavailable("telemetry", "The points could not be stored while old ones were removed. Try again shortly.").AsException();
    }

    private async Task<int> InsertAsync(IReadOnlyCollection<MetricPoint> points, string[] names, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(MetricSql.Insert);
        command.Parameters.Add(new() { Value = points.Select(point => point.Name).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.At.UtcDateTime).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.Value).ToArray() });
        command.Parameters.Add(new() { Value = points.Select(point => point.Tags).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = names });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task AddNamesAsync(string[] names, Caller caller, CancellationToken cancellationToken)
    {
        var unknown = new List<string>();
        await using (var find = database.CreateCorrelatedCommand(MetricSql.Unknown))
        {
            find.Parameters.Add(new() { Value = names });
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                unknown.Add(reader.GetString(0));
        }
        if (unknown.Count == 0)
            return;
        await quota.TakeAsync(caller, QuotaKind.NewMetrics, unknown.Count, cancellationToken);
        await using var add = database.CreateCorrelatedCommand(MetricSql.AddNames);
        add.Parameters.Add(new() { Value = unknown });
        add.Parameters.Add(new() { Value = (long)options.Value.MaxMetrics });
        var added = await add.ExecuteNonQueryAsync(cancellationToken);
        quota.Return(caller, QuotaKind.NewMetrics, unknown.Count - added);
        if (added == 0 && await CountAsync(cancellationToken) + unknown.Count > options.Value.MaxMetrics)
            throw Full().AsException();
    }

    private async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var count = database.CreateCorrelatedCommand(MetricSql.Count);
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    private Failure Full() => Failure.Conflict(
        $"With the new names of this request there would be more than {options.Value.MaxMetrics} metrics, which is as many as there may be. Nothing was stored. What changes from point to point belongs into tags, not into names.");
}
