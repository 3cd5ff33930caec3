using System.Globalization;
using System.Text.Json;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Telemetry.Retention;
using Npgsql;
using NpgsqlTypes;

namespace Jarvis.Telemetry.Traces;

/// <summary>Reads traces from Postgres; every answer is bounded.</summary>
public sealed class TraceQueries(NpgsqlDataSource database)
{
    /// <summary>Spans in one answer, over all of its traces.</summary>
    public const int MaxSpans = 1_000;

    private const string TraceColumns =
        "t.trace_id, t.start_unix_nano, t.end_unix_nano, t.span_count, t.error_count, t.services, t.correlation_id, t.root_name, t.root_service";

    // Sent unprepared, so that Postgres plans with the values: what is null costs nothing. ANY (ARRAY(…)) and not IN, which beside an OR
    // would be looked up for every trace there is.
    private const string List =
        $"""
        SELECT {TraceColumns} FROM telemetry.trace AS t
        WHERE ($1::text IS NULL OR t.trace_id = ANY (ARRAY(SELECT DISTINCT s.trace_id FROM telemetry.span AS s WHERE s.correlation_id = $1)))
            AND ($2::text IS NULL OR $2 = ANY (t.services))
            AND ($3::text IS NULL OR t.root_name = $3)
            AND ($4::bigint IS NULL OR t.end_unix_nano - t.start_unix_nano >= $4)
            AND ($5::boolean IS NULL OR (t.error_count > 0) = $5)
            AND ($6::bigint IS NULL OR t.start_unix_nano >= $6)
            AND ($7::bigint IS NULL OR t.start_unix_nano < $7)
            AND ($8::bigint IS NULL OR (t.start_unix_nano, t.trace_id) < ($8, $9::bytea))
        ORDER BY t.start_unix_nano DESC, t.trace_id DESC LIMIT $10
        """;

    private const string One = $"SELECT {TraceColumns} FROM telemetry.trace AS t WHERE t.trace_id = $1";

    private const string Spans =
        """
        SELECT trace_id, span_id, parent_span_id, service, instance_id, scope, name, kind, start_unix_nano, duration_ns, status, status_message,
            correlation_id, attributes, events, links
        FROM telemetry.span WHERE trace_id = ANY ($1) ORDER BY start_unix_nano, trace_id, span_id LIMIT $2
        """;

    public async Task<TracePage> ListAsync(TraceFilter filter, CancellationToken cancellationToken)
    {
        var rows = await TracesAsync(List, cancellationToken,
            Text(filter.CorrelationId), Text(filter.Service), Text(filter.Name), Optional(filter.MinDurationNs, NpgsqlDbType.Bigint), Optional(filter.Error, NpgsqlDbType.Boolean),
            Optional(filter.Since, NpgsqlDbType.Bigint), Optional(filter.Until, NpgsqlDbType.Bigint), Optional(filter.After?.StartUnixNano, NpgsqlDbType.Bigint),
            new() { Value = (object?)filter.After?.TraceId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea }, new() { Value = filter.Limit + 1 });
        var more = rows.Count > filter.Limit;
        var page = more ? rows[..filter.Limit] : rows;
        var next = more ? new TraceCursor(page[^1].Start, page[^1].Id).ToString() : null;
        return new TracePage(await SummariesAsync(page, filter.CorrelationId is not null, cancellationToken), new CursorPagination(filter.Limit, next, more));
    }

    public async Task<TraceDetail?> FindAsync(byte[] traceId, CancellationToken cancellationToken)
    {
        if (await TracesAsync(One, cancellationToken, new NpgsqlParameter { Value = traceId }) is not [var trace])
            return null;
        var spans = (await SpansAsync([trace], cancellationToken)).Select(row => row.Span).ToList();
        return new TraceDetail(trace.Summary, SpanDepths.Set(spans), spans.Count < trace.Summary.SpanCount);
    }

    private async Task<List<TraceSummary>> SummariesAsync(List<TraceRow> page, bool withSpans, CancellationToken cancellationToken)
    {
        if (!withSpans || page.Count == 0)
            return [.. page.Select(row => row.Summary)];
        var spans = (await SpansAsync(page, cancellationToken)).ToLookup(row => row.TraceId, row => row.Span, StringComparer.Ordinal);
        return [.. page.Select(row => row.Summary with
        {
            Spans = SpanDepths.Set([.. spans[row.Summary.TraceId]]),
            Truncated = spans[row.Summary.TraceId].Count() < row.Summary.SpanCount,
        })];
    }

    private async Task<List<TraceRow>> TracesAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = database.CreateCorrelatedCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<TraceRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetFieldValue<byte[]>(0);
            var (start, end) = (reader.GetInt64(1), reader.GetInt64(2));
            rows.Add(new(id, start, new TraceSummary(
                Convert.ToHexStringLower(id), TextAt(reader, 6), reader.GetString(7), reader.GetString(8), UnixTime.Time(start), Ms(end - start),
                reader.GetInt64(3), reader.GetInt64(4), reader.GetFieldValue<string[]>(5))));
        }
        return rows;
    }

    private async Task<List<(string TraceId, Span Span)>> SpansAsync(List<TraceRow> traces, CancellationToken cancellationToken)
    {
        var starts = traces.ToDictionary(row => row.Summary.TraceId, row => row.Start, StringComparer.Ordinal);
        await using var command = database.CreateCorrelatedCommand(Spans);
        command.Parameters.Add(new() { Value = traces.ConvertAll(row => row.Id) });
        command.Parameters.Add(new() { Value = MaxSpans });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var spans = new List<(string, Span)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var traceId = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0));
            var start = reader.GetInt64(8);
            spans.Add((traceId, new Span(
                Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1)),
                reader.IsDBNull(2) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(2)), 0,
                reader.GetString(3), TextAt(reader, 4), TextAt(reader, 5), reader.GetString(6), Kind(reader.GetInt16(7)),
                UnixTime.Time(start), start.ToString(CultureInfo.InvariantCulture), Ms(start - starts[traceId]), Ms(reader.GetInt64(9)),
                Status(reader.GetInt16(10)), TextAt(reader, 11), TextAt(reader, 12), JsonAt(reader, 13), JsonAt(reader, 14), JsonAt(reader, 15))));
        }
        return spans;
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Optional<T>(T? value, NpgsqlDbType type)
        where T : struct => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static JsonElement? JsonAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<JsonElement>(column);

    private static double Ms(long nanos) => nanos / 1e6;

    private static string Kind(short kind) => kind switch
    {
        1 => "internal",
        2 => "server",
        3 => "client",
        4 => "producer",
        5 => "consumer",
        _ => "unspecified",
    };

    private static string Status(short status) => status switch
    {
        1 => "ok",
        2 => "error",
        _ => "unset",
    };

    private sealed record TraceRow(byte[] Id, long Start, TraceSummary Summary);
}

public static class TracesExtensions
{
    public static TBuilder AddTraces<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddSingleton<TraceQueries>();
        return builder;
    }
}
