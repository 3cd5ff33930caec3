using System.Globalization;
using Jarvis.FunctionalTests.Stack;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Traces;

namespace Jarvis.FunctionalTests;

/// <summary>What the list of traces reads: few rows for what is rare, whatever the number of traces.</summary>
[Collection(StackCollection.Name)]
public sealed class TraceQueriesTests(JarvisStack jarvis)
{
    // Of 40,000 traces number 7 is slow, 8 failed, 9 is of a rare service, 10 has a name of its own, and 11 to 20 have one correlation ID.
    private const string Fill =
        """
        INSERT INTO telemetry.trace (trace_id, start_unix_nano, end_unix_nano, span_count, error_count, services, correlation_id, root_name, root_service, root_start, root_is_top)
        SELECT decode(md5(n::text), 'hex'), $NOW - n::bigint * 1000000, $NOW - n::bigint * 1000000 + CASE n WHEN 7 THEN 9000000000 ELSE 1000000 END, 2, CASE n WHEN 8 THEN 1 ELSE 0 END,
            CASE n WHEN 9 THEN ARRAY['gateway', 'rare'] ELSE ARRAY['catalog', 'gateway'] END, NULL, CASE n WHEN 10 THEN 'odd' ELSE 'GET /' END, 'gateway', 0, true
        FROM generate_series(0, 39999) AS n;
        INSERT INTO telemetry.span (trace_id, span_id, service, name, kind, started_at, start_unix_nano, duration_ns, status, correlation_id, attributes)
        SELECT decode(md5((n / 2)::text), 'hex'), decode(lpad(to_hex(n + 1), 16, '0'), 'hex'), 'gateway', 'x', 1, now(), $NOW + n, 1, 0,
            CASE WHEN n / 2 BETWEEN 11 AND 20 THEN 'same-correlation' ELSE 'req-' || n END, '{"a": 1}'
        FROM generate_series(0, 79999) AS n;
        ANALYZE telemetry.trace; ANALYZE telemetry.span;
        """;

    [Theory]
    [InlineData("rare", null, null, null, 1)]
    [InlineData("misspelt", null, null, null, 0)]
    [InlineData(null, "odd", null, null, 1)]
    [InlineData(null, "unknown", null, null, 0)]
    [InlineData(null, null, 8_000_000_000L, null, 1)]
    [InlineData(null, null, null, true, 1)]
    [InlineData("gateway", null, null, null, 50)]
    [InlineData("gateway", "GET /", 1L, false, 50)]
    public async Task List_WithAFilter_ReadsAFewPages(string? service, string? name, long? duration, bool? error, int count)
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        var now = UnixTime.Nanos(TimeProvider.System.GetUtcNow());
        await FillAsync(database, now);
        await using var store = new TelemetryStore(database);
        var filter = new TraceFilter(null, service, name, duration, error, now - 86_400_000_000_000, null, 50, null);
        var before = await PagesAsync(store);
        await using (var walk = store.Source.CreateCommand("SELECT count(*) FROM telemetry.trace WHERE root_start = 1"))
            await walk.ExecuteScalarAsync();
        var all = await PagesAsync(store) - before;

        var page = await store.Traces.ListAsync(filter, default);

        var read = await PagesAsync(store) - before - all;
        Assert.Equal(count, page.Traces.Count);
        Assert.True(all > 100, $"Going through all traces reads {all} pages.");
        Assert.True(read < all / 2, $"{read} pages of {all}");
    }

    [Fact]
    public async Task List_OfACorrelationId_HasItsTracesAndTheirSpans()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await FillAsync(database, UnixTime.Nanos(TimeProvider.System.GetUtcNow()));
        await using var store = new TelemetryStore(database);

        var page = await store.Traces.ListAsync(new("same-correlation", null, null, null, null, null, null, 50, null), default);
        var first = await store.Traces.ListAsync(new("same-correlation", "gateway", null, null, null, null, null, 4, null), default);

        Assert.Equal(10, page.Traces.Count);
        Assert.All(page.Traces, trace => Assert.Equal((2, false), (trace.Spans!.Count, trace.Truncated!.Value)));
        Assert.True(first.Pagination.HasMore);
        Assert.Equal(page.Traces.Take(4).Select(trace => trace.TraceId), first.Traces.Select(trace => trace.TraceId));
        Assert.Equal(1, first.Traces[0].Spans![0].Attributes!.Value.GetProperty("a").GetInt32());
        Assert.Null(page.Since);
    }

    [Fact]
    public async Task Find_OfALargeTrace_EndsAtTheBoundInBytes()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await database.ExecuteAsync(
            """
            INSERT INTO telemetry.trace (trace_id, start_unix_nano, end_unix_nano, span_count, error_count, services, root_name, root_service, root_start, root_is_top)
            VALUES (decode(repeat('ab', 16), 'hex'), 0, 1, 900, 0, ARRAY['gateway'], 'x', 'gateway', 0, true);
            INSERT INTO telemetry.span (trace_id, span_id, service, name, kind, started_at, start_unix_nano, duration_ns, status, attributes)
            SELECT decode(repeat('ab', 16), 'hex'), decode(lpad(to_hex(n), 16, '0'), 'hex'), 'gateway', 'x', 1, now(), n, 1, 0, jsonb_build_object('a', repeat('x', 100000))
            FROM generate_series(1, 900) AS n
            """);
        await using var store = new TelemetryStore(database);

        var trace = await store.Traces.FindAsync(Convert.FromHexString(string.Concat(Enumerable.Repeat("ab", 16))), default);

        Assert.True(trace!.Truncated);
        Assert.InRange(trace.Spans.Count, 100, 200);
        Assert.Equal("1", trace.Spans[0].StartUnixNano);
    }

    private static Task FillAsync(TestDatabase database, long now) =>
        database.ExecuteAsync(Fill.Replace("$NOW", now.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    // What a session read is told to the others after a while, or when it is asked to: the pool has one session here.
    private static async Task<long> PagesAsync(TelemetryStore store)
    {
        await using (var flush = store.Source.CreateCommand("SELECT pg_stat_force_next_flush()"))
            await flush.ExecuteScalarAsync();
        await using var pages = store.Source.CreateCommand(
            "SELECT (heap_blks_read + heap_blks_hit)::bigint FROM pg_statio_user_tables WHERE relid = 'telemetry.trace'::regclass");
        return (long)(await pages.ExecuteScalarAsync())!;
    }
}
