using Aspire.Hosting.Testing;
using Jarvis.FunctionalTests.Stack;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>
/// Each service signs in as a role that has its own schema and nothing else; <c>eng/roles.sql</c> says so, and the AppHost runs it.
/// </summary>
[Collection(StackCollection.Name)]
public sealed class DatabaseRolesTests(JarvisStack jarvis)
{
    private static readonly (string Service, string Role, string Schema)[] Services =
    [
        ("Jarvis.Catalog", "jarvis_catalog", "catalog"), ("Jarvis.Workflows", "jarvis_workflows", "workflows"), ("Jarvis.Telemetry",
            "jarvis_telemetry", "telemetry"),
        ("Jarvis.Gateway", "jarvis_identity", "identity"),
    ];

    [Fact]
    public async Task Services_AtWork_SignInAsTheirOwnRole()
    {
        await using var database = await OpenAsync();
        foreach (var (service, role, _) in Services)
        {
            // Its own, or that of the migrations, which ends when they are done.
            Assert.Equal("", await TextAsync(database,
                $"SELECT coalesce(string_agg(DISTINCT usename, ','), '') FROM pg_stat_activity WHERE application_name = '{service}' AND "
                    + $"datname = current_database() AND usename NOT IN ('{role}', '{role}_owner')"));
        }
        Assert.Equal("0", await TextAsync(database,
            "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'jarvis\\_%' AND (rolsuper OR rolcreatedb OR rolcreaterole OR "
                + "rolreplication OR rolbypassrls OR pg_has_role(oid, 'pg_execute_server_program', 'usage') OR pg_has_role(oid, "
                + "'pg_read_server_files', 'usage'))"));
    }

    [Fact]
    public async Task Role_OfAService_ReadsNoOtherSchemaAndRunsNoProgram()
    {
        await using var database = await OpenAsync();
        foreach (var (_, role, schema) in Services)
        {
            foreach (var other in Services.Select(service => service.Schema).Where(other => other != schema))
                await RefusedAsync(database, role, $"SELECT 1 FROM {other}.migration");
            await AllowedAsync(database, role, $"SELECT 1 FROM {schema}.migration");
            await RefusedAsync(database, role, "COPY (SELECT 1) TO PROGRAM 'cat'");
            await RefusedAsync(database, role, "SELECT pg_read_file('PG_VERSION')");
            await RefusedAsync(database, role, "CREATE ROLE other");
            await RefusedAsync(database, role, "CREATE SCHEMA other");
            await RefusedAsync(database, role, "SET ROLE jarvis_identity_owner");
            await RefusedAsync(database, role, "SELECT 1 FROM pg_authid");
        }
    }

    [Fact]
    public async Task AuditLog_ForTheGatewayAtWork_OnlyGrows()
    {
        await using var database = await OpenAsync();
        const string Role = "jarvis_identity";
        await AllowedAsync(database, Role, "INSERT INTO identity.audit (id, at, action, outcome) VALUES (gen_random_uuid(), now(), "
            + "'test', 'success')");
        await AllowedAsync(database, Role, "SELECT count(*) FROM identity.audit");
        foreach (var sql in (string[])
                 [
                     "UPDATE identity.audit SET detail = ''", "DELETE FROM identity.audit", "TRUNCATE identity.audit",
                         "SELECT 1 FROM identity.audit FOR UPDATE",
                     "DROP TRIGGER audit_append_only ON identity.audit", "ALTER TABLE identity.audit DISABLE TRIGGER ALL",
                         "DROP TABLE identity.audit", "DROP SCHEMA identity CASCADE",
                     "ALTER TABLE identity.audit RENAME TO other", "CREATE OR REPLACE FUNCTION identity.audit_is_append_only() RETURNS "
                         + "trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
                     "CREATE TRIGGER other BEFORE INSERT ON identity.audit FOR EACH ROW EXECUTE FUNCTION identity.audit_is_append_only()",
                         "SET session_replication_role = replica",
                     "SET LOCAL jarvis.audit_retention = 'on'; DELETE FROM identity.audit",
                         "SELECT identity.prune_audit(interval '29 days', 1000)",
                     "INSERT INTO identity.migration (name, checksum) VALUES ('other', '')", "CREATE TABLE identity.other (id int)",
                 ])
            await RefusedAsync(database, Role, sql);
        // Retention goes on.
        await AllowedAsync(database, Role, "SELECT identity.prune_audit(interval '400 days', 1000)");
    }

    [Fact]
    public async Task Roles_OnDataOfAnEarlierRelease_OwnWhatTheSuperuserMade()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await database.ExecuteAsync(
            """
            CREATE SCHEMA telemetry;
            CREATE TYPE telemetry.kind AS ENUM ('a');
            CREATE TABLE telemetry.point (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind telemetry.kind, at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE telemetry.parted (day date NOT NULL) PARTITION BY RANGE (day);
            CREATE TABLE telemetry.parted_first PARTITION OF telemetry.parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
            CREATE SEQUENCE telemetry.counter;
            CREATE VIEW telemetry.points AS SELECT id FROM telemetry.point;
            CREATE FUNCTION telemetry.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
            INSERT INTO telemetry.point (kind) VALUES ('a');
            CREATE SCHEMA identity;
            CREATE TABLE identity.migration (name text PRIMARY KEY, checksum text NOT NULL);
            CREATE TABLE identity.audit (id uuid PRIMARY KEY);
            """);
        var script = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "eng", "roles.sql"));

        // Twice: at the next start it changes nothing.
        await database.ExecuteAsync(script);
        await database.ExecuteAsync(script);

        Assert.Equal(0, await database.ScalarAsync<long>(
            """
            SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'telemetry'::regnamespace AND relowner <> 'jarvis_telemetry'::regrole)
                 + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'telemetry'::regnamespace AND proowner <> 'jarvis_telemetry'::regrole)
                 + (SELECT count(*) FROM pg_type WHERE typnamespace = 'telemetry'::regnamespace AND typowner <> 'jarvis_telemetry'::regrole)
                 + (SELECT count(*) FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relowner <> 'jarvis_identity_owner'::regrole)
            """));
        await using var connection = await database.Source.OpenConnectionAsync();
        await AllowedAsync(connection, "jarvis_telemetry", "INSERT INTO telemetry.point (kind) VALUES ('a'); ALTER TABLE telemetry.point "
            + "ADD COLUMN more int; DROP TABLE telemetry.parted_first");
        await RefusedAsync(connection, "jarvis_identity", "DELETE FROM identity.audit");
        // A table that a later migration makes is the gateway's to use at once.
        await AllowedAsync(connection, "jarvis_identity_owner",
            "CREATE TABLE identity.later (id bigint GENERATED ALWAYS AS IDENTITY); SET LOCAL SESSION AUTHORIZATION jarvis_identity; "
                + "INSERT INTO identity.later DEFAULT VALUES; DELETE FROM identity.later");
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(await jarvis.App.GetConnectionStringAsync("jarvisdb"));
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<string> TextAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand($"SELECT ({sql})::text", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task AllowedAsync(NpgsqlConnection connection, string role, string sql) => Assert.Null(await TryAsync(connection,
        role, sql));

    private static async Task RefusedAsync(NpgsqlConnection connection, string role, string sql) =>
        Assert.True(await TryAsync(connection, role, sql) is PostgresErrorCodes.InsufficientPrivilege, $"{role} may: {sql}");

    /// <summary>Runs it as the role and takes it back.</summary>
    /// <returns>The code of the refusal, or null.</returns>
    private static async Task<string?> TryAsync(NpgsqlConnection connection, string role, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await using var command = new NpgsqlCommand($"SET LOCAL SESSION AUTHORIZATION {role}; {sql}", connection, transaction);
            await command.ExecuteNonQueryAsync();
            return null;
        }
        catch (PostgresException refusal)
        {
            return refusal.SqlState;
        }
    }
}
