using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Jarvis.FunctionalTests.Stack;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Metrics;
using Jarvis.Telemetry.Quotas;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>Metric points in Postgres: partitions, names and quotas, with several replicas at once.</summary>
[Collection(StackCollection.Name)]
public sealed class MetricStoreTests(JarvisStack jarvis)
{
    private const string Partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'telemetry.point'::regclass";

    [Fact]
    public async Task Points_OfAnyTime_HaveAPartitionMadeForThem()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        Assert.Equal(0L, await database.ScalarAsync<long>(Partitions));

        var now = store.Clock.Now;
        await store.AddAsync("lamps.lit", (now, 1), (now.AddDays(-13), 2), (now.AddDays(2), 3), (now.AddDays(-13).AddSeconds(1), 4));

        Assert.Equal(4L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));
        var names = await store.Metrics.NamesAsync(10, 0, default);
        var name = Assert.Single(names.Metrics);
        Assert.Equal(1, names.Total);
        Assert.InRange(now.AddDays(-13) - name.FirstSeenAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.InRange(now.AddDays(2) - name.LastSeenAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Replicas_ThatMakeAndDropPartitionsAtOnce_LoseNoPoint()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var first = new TelemetryStore(database);
        await using var second = new TelemetryStore(database);
        var start = first.Clock.Now;
        var times = new List<DateTimeOffset>();
        for (var day = 0; day < 20; day++)
        {
            var now = start.AddDays(day);
            (first.Clock.Now, second.Clock.Now) = (now, now);
            // The old ones are as old as is taken: their partition is about to go, or has gone.
            DateTimeOffset[] each = [now, now.AddMinutes(4), first.Window.Cutoff().AddMinutes(1)];
            times.AddRange([.. each, .. each]);
            await Task.WhenAll(first.PruneAsync(), second.PruneAsync(), AddAsync(first), AddAsync(second));

            Task AddAsync(TelemetryStore replica) => replica.AddAsync("lamps.lit", [.. each.Select(at => (at, 1.0))]);
        }
        await first.PruneAsync();

        // Whole days go, so that some are kept a little longer than the retention.
        var cutoff = first.Window.Cutoff();
        var kept = times.Count(at => new DateTimeOffset(at.UtcDateTime.Date.AddDays(1), TimeSpan.Zero) > cutoff);
        Assert.Equal((long)kept, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));
        // The days of the retention, the one that is partly over, and the days to come.
        Assert.InRange(await database.ScalarAsync<long>(Partitions), 14, 18);
    }

    [Fact]
    public async Task Writers_OfOneMetric_DoNotWaitForOneAnother()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        await store.AddAsync("lamps.lit", (store.Clock.Now, 1));
        // Another request with points of the same metric, whose transaction has not ended.
        await using var connection = await database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand(MetricSql.Insert, connection)
        {
            Parameters =
            {
                new() { Value = new[] { "lamps.lit" } }, new() { Value = new[] { store.Clock.Now.UtcDateTime } }, new() { Value = new[] { 2.0 } },
                new() { Value = new string?[] { null }, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Jsonb }, new() { Value = new[] { "lamps.lit" } },
            },
        })
            Assert.Equal(1, await insert.ExecuteNonQueryAsync());

        await store.AddAsync("lamps.lit", (store.Clock.Now, 3)).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));
        await transaction.CommitAsync();
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));
    }

    [Fact]
    public async Task Name_WithoutPoints_GoesAndComesBack()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        foreach (var name in (string[])["a", "b", "c", "d", "kept"])
            await store.AddAsync(name, (store.Clock.Now, 1));
        store.Clock.Now = store.Clock.Now.AddDays(14);
        await store.AddAsync("kept", (store.Clock.Now, 2));
        store.Clock.Now = store.Clock.Now.AddDays(2);

        await store.PruneAsync();
        Assert.Equal(["kept"], (await store.Metrics.NamesAsync(10, 0, default)).Metrics.Select(metric => metric.Name));

        await store.AddAsync("a", (store.Clock.Now, 1));
        Assert.Equal(["a", "kept"], (await store.Metrics.NamesAsync(10, 0, default)).Metrics.Select(metric => metric.Name));
    }

    [Fact]
    public async Task Points_OfTheReleaseBefore_AreKeptAndGoWithTheirTime()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await database.ExecuteAsync("CREATE SCHEMA telemetry; CREATE TABLE telemetry.migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
        foreach (var file in (string[])["0001_spans_and_metrics.sql", "0002_redact_stored_spans.sql"])
        {
            var sql = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "Jarvis.Telemetry", "Migrations", file));
            var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql.ReplaceLineEndings("\n"))));
            await database.ExecuteAsync($"{sql}; INSERT INTO telemetry.migration VALUES ('{file}', '{checksum}')");
        }
        await database.ExecuteAsync(
            """
            INSERT INTO telemetry.metric (name, points, first_seen_at, last_seen_at) VALUES ('lamps.lit', 300, now() - interval '12 days', now());
            INSERT INTO telemetry.metric_point SELECT 1, now() - n * interval '1 hour', n, '{"room": "hall"}' FROM generate_series(0, 299) AS n;
            """);

        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        await store.AddAsync("lamps.lit", (store.Clock.Now, 7), (store.Clock.Now.AddDays(1), 8), (store.Clock.Now.AddDays(3), 9));

        var query = new HistoryQuery("lamps.lit", store.Clock.Now.AddDays(-20), store.Clock.Now.AddDays(10), TimeSpan.FromDays(1), "count");
        Assert.Equal(303, (await store.Metrics.HistoryAsync(query, default))!.Sum(series => series.Buckets.Sum(bucket => bucket.Value)));
        store.Clock.Now = store.Clock.Now.AddDays(16);
        await store.PruneAsync();
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point WHERE value = 9"));
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('telemetry.point_before') IS NOT NULL"));
        // A process of the release before is told that its table is not there, which it takes for a database that is not ready.
        Assert.Equal("42P01", (await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DELETE FROM telemetry.metric_point"))).SqlState);
    }

    [Fact]
    public async Task Retention_ThatIsChanged_LeavesNoPointWithoutAPartition()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var days = new TelemetryStore(database);
        var now = days.Clock.Now;
        await days.AddAsync("lamps.lit", (now, 1), (now.AddDays(-3), 1));
        await using var weeks = new TelemetryStore(database, retentionDays: 365);
        await weeks.AddAsync("lamps.lit", [.. Enumerable.Range(0, 365).Select(day => (now.AddDays(-day), 2.0))]);

        Assert.Equal(367L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));
        Assert.InRange(await database.ScalarAsync<long>(Partitions), 52, 70);
    }

    [Fact]
    public async Task History_OfSeveralHosts_IsAskedForByHost()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        var now = store.Clock.Now;
        await AddAsync("host.load.1m", "alpha", 1, 2);
        var one = new HistoryQuery("host.load.1m", now.AddHours(-1), now.AddHours(1), TimeSpan.FromHours(2), "last");
        Assert.Equal([2.0], (await store.Metrics.HistoryAsync(one, default))!.SelectMany(series => series.Buckets.Select(bucket => bucket.Value)).TakeLast(1));

        await AddAsync("host.load.1m", "beta", 10, 20);

        var failure = (await Assert.ThrowsAsync<FailureException>(() => store.Metrics.HistoryAsync(one, default))).Failure;
        Assert.Contains("'alpha' and 'beta'", failure.Errors!["tag"][0], StringComparison.Ordinal);
        var narrowed = await store.Metrics.HistoryAsync(one with { Aggregate = "sum", Tags = [("host", "beta")] }, default);
        Assert.Equal(30, narrowed!.Sum(series => series.Buckets.Sum(bucket => bucket.Value)));
        var grouped = await store.Metrics.HistoryAsync(one with { Aggregate = "sum", GroupBy = "host" }, default);
        Assert.Equal([("alpha", 3.0), ("beta", 30.0)], grouped!.Select(series => (series.TagValue, series.Buckets.Sum(bucket => bucket.Value))));
        Assert.All(grouped!.SelectMany(series => series.Buckets), bucket => Assert.True(bucket.Partial));

        Task AddAsync(string name, string host, params double[] values) => store.Metrics.AddAsync(
            [.. values.Select((value, index) => new MetricPoint(name, now.AddSeconds(index), value, Encoding.UTF8.GetBytes($$"""{"host":"{{host}}"}""")))], Caller.Service, default);
    }

    [Fact]
    public async Task Group_WithMoreValuesThanAreShown_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database);
        var now = store.Clock.Now;
        await store.Metrics.AddAsync(
            [.. Enumerable.Range(0, 500).Select(room => new MetricPoint("lamps.lit", now, room, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"room":{{room}}}"""))))],
            Caller.Service, default);
        var query = new HistoryQuery("lamps.lit", now.AddHours(-1), now.AddHours(1), TimeSpan.FromHours(2), "avg", "room");

        var failure = (await Assert.ThrowsAsync<FailureException>(() => store.Metrics.HistoryAsync(query, default))).Failure;

        Assert.Contains("more than 20 values", failure.Errors!["group_by"][0], StringComparison.Ordinal);
        Assert.Equal(7, (await store.Metrics.HistoryAsync(query with { Tags = [("room", "7")] }, default))!.Single().Buckets.Sum(bucket => bucket.Value));
    }

    [Fact]
    public async Task Account_AtItsBound_IsToldAndOthersAreNot()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        var quotas = new QuotaOptions { PointsPerDay = 10, NewMetricsPerDay = 2 };
        await using var first = new TelemetryStore(database, quotas);
        await using var second = new TelemetryStore(database, quotas);
        var account = TelemetryStore.Account();

        for (var i = 0; i < 5; i++)
        {
            await AddAsync(first, account, "a");
            await AddAsync(second, account, "b");
        }
        foreach (var store in (TelemetryStore[])[first, second])
        {
            var failure = (await Assert.ThrowsAsync<FailureException>(() => AddAsync(store, account, "a"))).Failure;
            Assert.Equal((429, "points", 10L), (failure.Status, failure.Extensions!["quota"], failure.Extensions["limit"]));
            Assert.InRange(failure.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.FromDays(1));
        }
        var other = TelemetryStore.Account();
        await AddAsync(first, other, "c", "d");
        Assert.Equal("new_metrics", (await Assert.ThrowsAsync<FailureException>(() => AddAsync(first, other, "e"))).Failure.Extensions!["quota"]);
        Assert.Equal(12L, await database.ScalarAsync<long>("SELECT count(*) FROM telemetry.point"));

        first.Clock.Now = first.Clock.Now.AddDays(1);
        await AddAsync(first, account, "a");

        Task AddAsync(TelemetryStore store, Caller caller, params string[] names) =>
            store.Metrics.AddAsync([.. names.Select(name => new MetricPoint(name, store.Clock.Now, 1, null))], caller, default);
    }

    [Fact]
    public async Task Metrics_InAll_AreBounded()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await TelemetryStore.MigrateAsync(database);
        await using var store = new TelemetryStore(database, new QuotaOptions { MaxMetrics = 100 });
        await store.Metrics.AddAsync([.. Enumerable.Range(0, 100).Select(index => new MetricPoint($"m.{index}", store.Clock.Now, 1, null))], Caller.Service, default);

        var failure = (await Assert.ThrowsAsync<FailureException>(() => store.AddAsync("one.more", (store.Clock.Now, 1)))).Failure;

        Assert.Equal(409, failure.Status);
        await store.AddAsync("m.7", (store.Clock.Now, 2));
    }
}
