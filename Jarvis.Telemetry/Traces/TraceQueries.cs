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

    // A page of spans may be large where single spans are: what is beyond is told as truncated.
    private const int MaxJsonBytes = 16 * 1_048_576;

    public async Task<TracePage> ListAsync(TraceFilter filter, CancellationToken cancellationToken)
    {
        var ofService = filter is { Service: { } service, CorrelationId: null } ? await OfServiceAsync(service, cancellationToken) : null;
        var rows = await TracesAsync(TraceSql.List(filter, ofService is not null), cancellationToken,
            Text(filter.CorrelationId), ofService is null ? Text(filter.Service) : new() { Value = ofService, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea }, Text(filter.Name), Optional(filter.MinDurationNs, NpgsqlDbType.Bigint), new() { Value = filter.Limit + 1 },
            Optional(filter.Since, NpgsqlDbType.Bigint), Optional(filter.Until, NpgsqlDbType.Bigint), Optional(filter.After?.StartUnixNano, NpgsqlDbType.Bigint),
            new() { Value = (object?)filter.After?.TraceId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea });
        var more = rows.Count > filter.Limit;
        var page = more ? rows[..filter.Limit] : rows;
        var next = more ? new TraceCursor(page[^1].Start, page[^1].Id).ToString() : null;
        return new TracePage(await SummariesAsync(page, filter.CorrelationId is not null, cancellationToken), new CursorPagination(filter.Limit, next, more))
        {
            Since = filter.Since is { } since ? UnixTime.Time(since) : null,
        };
    }

    public async Task<TraceDetail?> FindAsync(byte[] traceId, CancellationToken cancellationToken)
    {
        if (await TracesAsync(TraceSql.One, cancellationToken, new NpgsqlParameter { Value = traceId }) is not [var trace])
            return null;
        var spans = (await SpansAsync([trace], cancellationToken)).Select(row => row.Span).ToList();
        return new TraceDetail(trace.Summary, SpanDepths.Set(spans), spans.Count < trace.Summary.SpanCount);
    }

    /// <summary>Null when they are many.</summary>
    private async Task<List<byte[]>?> OfServiceAsync(string service, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCorrelatedCommand(TraceSql.OfService);
        command.Parameters.Add(new() { Value = service });
        command.Parameters.Add(new() { Value = TraceSql.MaxOfRareService + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var traces = new List<byte[]>();
        while (await reader.ReadAsync(cancellationToken))
            traces.Add(reader.GetFieldValue<byte[]>(0));
        return traces.Count > TraceSql.MaxOfRareService ? null : traces;
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
        await using var command = database.CreateCorrelatedCommand(TraceSql.Spans);
        command.Parameters.Add(new() { Value = traces.ConvertAll(row => row.Id) });
        command.Parameters.Add(new() { Value = MaxSpans });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (spans, bytes) = (new List<(string, Span)>(), 0L);
        while (bytes < MaxJsonBytes && await reader.ReadAsync(cancellationToken))
        {
            var traceId = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0));
            var start = reader.GetInt64(8);
            spans.Add((traceId, new Span(
                Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1)),
                reader.IsDBNull(2) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(2)), 0,
                reader.GetString(3), TextAt(reader, 4), TextAt(reader, 5), reader.GetString(6), Kind(reader.GetInt16(7)),
                UnixTime.Time(start), start.ToString(CultureInfo.InvariantCulture), Ms(start - starts[traceId]), Ms(reader.GetInt64(9)),
                Status(reader.GetInt16(10)), TextAt(reader, 11), TextAt(reader, 12), JsonAt(reader, 13, ref bytes), JsonAt(reader, 14, ref bytes), JsonAt(reader, 15, ref bytes))));
        }
        return spans;
    }

    private static NpgsqlParameter Text(string? value) => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Optional<T>(T? value, NpgsqlDbType type)
        where T : struct => new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = type };

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static JsonElement? JsonAt(NpgsqlDataReader reader, int column, ref long bytes)
    {
        if (reader.IsDBNull(column))
            return null;
        var json = reader.GetFieldValue<byte[]>(column);
        bytes += json.Length;
        return JsonSerializer.Deserialize<JsonElement>(json);
    }

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
