using System.Diagnostics;
using Npgsql;

namespace Jarvis.Bench.Growth;

/// <summary>Fills the tables that grow with use, in the server itself, in slices that commit one by one.</summary>
public static class GrownTables
{
    private const int Slice = 250_000;
    private const int Days = 14;
    private const int Accounts = 10_000;

    /// <summary>Each takes <c>$1</c> and <c>$2</c>, the numbers of the first row of a slice and of the one after its last, and <c>$3</c>, the number of rows in all.</summary>
    private static readonly (string Name, string Sql)[] Fills =
    [
        ("workflows.task",
            $"""
            INSERT INTO workflows.task (id, kind, status, workflow_id, workflow_name, webhook_method, webhook_path, payload, request_hash, correlation_id,
                attempt, fence, result, created_at, started_at, finished_at, updated_at)
            SELECT {Id("i", "at")}, 'webhook', (ARRAY['succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled', 'unknown'])[i % 10 + 1],
                'workflow-' || i % 200, 'Workflow ' || i % 200, 'POST', 'hook-' || i % 200, json_build_object('n', i), sha256(i::text::bytea), 'grown-' || i / 3,
                1, 1, json_build_object('echo', i), at, at + interval '20 ms', at + interval '90 ms', at + interval '90 ms'
            FROM generate_series($1::bigint, $2::bigint - 1) AS i, LATERAL (SELECT {At("i")} AS at) AS times
            """),
        ("telemetry.trace",
            $"""
            INSERT INTO telemetry.trace (trace_id, start_unix_nano, end_unix_nano, span_count, error_count, services, correlation_id, root_name, root_service, root_start, root_is_top)
            SELECT decode(md5('t' || i), 'hex'), ns, ns + 5000000 + i % 1000 * 1000000, 4, (i % 100 = 0)::int, ARRAY['gateway', (ARRAY['catalog', 'workflows', 'telemetry'])[i % 3 + 1]],
                'grown-' || i, 'GET /route/' || i % 50, 'gateway', ns, true
            FROM generate_series($1::bigint / 4, $2::bigint / 4 - 1) AS i, LATERAL (SELECT (extract(epoch FROM {At("i * 4")}) * 1000000000)::bigint AS ns) AS times
            ON CONFLICT DO NOTHING
            """),
        ("telemetry.span",
            $$"""
            INSERT INTO telemetry.span (trace_id, span_id, service, name, kind, started_at, start_unix_nano, duration_ns, status, correlation_id, attributes)
            SELECT decode(md5('t' || i / 4), 'hex'), decode(substr(md5('s' || i), 1, 16), 'hex'), 'gateway', 'GET /route/' || i % 50, 2, at, (extract(epoch FROM at) * 1000000000)::bigint,
                1000000 + i % 1000 * 1000, 1, 'grown-' || i / 4, '{"http.request.method": "GET", "http.response.status_code": 200}'
            FROM generate_series($1::bigint, $2::bigint - 1) AS i, LATERAL (SELECT {{At("i")}} AS at) AS times
            ON CONFLICT DO NOTHING
            """),
        ("telemetry.point",
            $$"""
            WITH metric AS (
                INSERT INTO telemetry.metric (name) SELECT 'grown.' || n FROM generate_series(1, 20) AS n
                ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, name)
            INSERT INTO telemetry.point (metric_id, at, value, tags)
            SELECT metric.id, {{At("i")}}, random() * 100, '{"host": "here"}'
            FROM generate_series($1::bigint, $2::bigint - 1) AS i JOIN metric ON metric.name = 'grown.' || i % 20 + 1
            """),
        ("identity.audit",
            $"""
            INSERT INTO identity.audit (id, at, action, outcome, account_id, target, address, correlation_id)
            SELECT {Id("i", "at")}, at, (ARRAY['auth.login', 'auth.refresh', 'task.trigger', 'access'])[i % 4 + 1], (ARRAY['success', 'success', 'success', 'refused'])[i / 4 % 4 + 1],
                md5('a' || i % {Accounts})::uuid, 'target ' || i, '203.0.113.7', 'grown-' || i
            FROM generate_series($1::bigint, $2::bigint - 1) AS i, LATERAL (SELECT {At("i")} AS at) AS times
            """),
        ("identity.session",
            $"""
            INSERT INTO identity.session (id, account_id, kind, created_at, last_used_at, expires_at, max_expires_at, revoked_at, revoked_reason)
            SELECT {Id("i", "at")}, md5('a' || i % {Accounts})::uuid, 'token', at, at, at + interval '14 days', at + interval '90 days',
                CASE WHEN i % 3 > 0 THEN greatest(at, now() - interval '12 hours') END, CASE WHEN i % 3 > 0 THEN 'signed_out' END
            FROM generate_series($1::bigint, $2::bigint - 1) AS i, LATERAL (SELECT {At("i")} AS at) AS times
            """),
    ];

    // The service makes a day's partition when the first point of it comes; here nobody asks it.
    private const string Partitions =
        """
        DO $do$
        DECLARE
            day timestamptz;
        BEGIN
            FOR day IN SELECT date_trunc('day', now(), 'UTC') - n * interval '24 hours' FROM generate_series(-1, 14) AS n LOOP
                BEGIN
                    EXECUTE format('CREATE TABLE telemetry.%1$I PARTITION OF telemetry.point FOR VALUES FROM (%2$L) TO (%3$L); CREATE INDEX ON telemetry.%1$I (metric_id, at) INCLUDE (value)',
                        'point_' || to_char(day AT TIME ZONE 'UTC', 'YYYYMMDD'), day, day + interval '24 hours');
                EXCEPTION WHEN duplicate_table OR invalid_object_definition THEN
                    NULL; -- It is there.
                END;
            END LOOP;
        END $do$
        """;

    // Whose sessions and entries they are; nobody signs in as one of them.
    private static readonly string MakeAccounts =
        $"""
        INSERT INTO identity.account (id, email, normalized_email, user_name, normalized_user_name, email_confirmed, password_hash, security_stamp, concurrency_stamp, role, created_at)
        SELECT md5('a' || n)::uuid, mail, upper(mail), mail, upper(mail), true, '-', '-', '-', 'viewer', now()
        FROM generate_series(0, {Accounts - 1}) AS n, LATERAL (SELECT 'grown-' || n || '@example.com' AS mail) AS mails
        ON CONFLICT DO NOTHING
        """;

    public static async Task FillAsync(NpgsqlDataSource database, long rows, TextWriter output)
    {
        await using (var partitions = database.CreateCommand(Partitions))
            await partitions.ExecuteNonQueryAsync();
        await using (var accounts = database.CreateCommand(MakeAccounts))
            await accounts.ExecuteNonQueryAsync();
        foreach (var (name, sql) in Fills)
        {
            if (await RowsAsync(database, name) > rows / 5)
            {
                await output.WriteLineAsync($"{name}: filled before");
                continue;
            }
            var started = Stopwatch.GetTimestamp();
            for (var first = 0L; first < rows; first += Slice)
            {
                await using var connection = await database.OpenConnectionAsync();
                await using var command = new NpgsqlCommand($"SET synchronous_commit = off; SET work_mem = '64MB'", connection) { CommandTimeout = 0 };
                await command.ExecuteNonQueryAsync();
                await using var fill = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
                fill.Parameters.Add(new() { Value = first });
                fill.Parameters.Add(new() { Value = Math.Min(first + Slice, rows) });
                fill.Parameters.Add(new() { Value = rows });
                await fill.ExecuteNonQueryAsync();
            }
            await using var analyze = database.CreateCommand($"VACUUM (ANALYZE) {name}");
            analyze.CommandTimeout = 0;
            await analyze.ExecuteNonQueryAsync();
            await using var size = database.CreateCommand(
                $"SELECT pg_size_pretty(pg_total_relation_size('{name}') + coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('{name}') WHERE isleaf AND relid <> '{name}'::regclass), 0))");
            await output.WriteLineAsync($"{name}: {rows:N0} rows in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, {await size.ExecuteScalarAsync()}");
        }
    }

    /// <summary>As they were last counted, within its partitions.</summary>
    private static async Task<double> RowsAsync(NpgsqlDataSource database, string table)
    {
        await using var command = database.CreateCommand(
            $"SELECT coalesce(sum(reltuples), 0)::float8 FROM pg_class WHERE oid = '{table}'::regclass OR oid IN (SELECT relid FROM pg_partition_tree('{table}') WHERE isleaf)");
        return (double)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>When the row was made, evenly over the time that rows are kept.</summary>
    private static string At(string number) => $"now() - interval '{Days} days' + interval '{Days} days' * ({number}) / $3::bigint + interval '1 minute'";

    /// <summary>Ids in the order of their times, as those that Jarvis makes.</summary>
    private static string Id(string number, string at) =>
        $"(lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint), 12, '0') || '7' || substr(md5({number}::text), 1, 3) || '8' || substr(md5({number}::text), 5, 15))::uuid";
}
