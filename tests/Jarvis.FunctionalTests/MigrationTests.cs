using System.Reflection;
using System.Text;
using Jarvis.FunctionalTests.Stack;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Jarvis.FunctionalTests;

/// <summary>Migrations at size: they take their time, let others write, and are tried again when they were cut short.</summary>
[Collection(StackCollection.Name)]
public sealed class MigrationTests(JarvisStack jarvis)
{
    private const string Table = "CREATE TABLE shop.item (id bigint PRIMARY KEY, name text NOT NULL);";
    private const string Index = "-- Found by name.\nCREATE INDEX CONCURRENTLY IF NOT EXISTS item_name\n    ON shop.item (name);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS item_id ON shop.item (id);";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Statement_ThatTakesLongerThanACommandMay_IsApplied()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        // What the service gives an ordinary command: the migration outlasts it.
        await using var impatient = NpgsqlDataSource.Create($"{database.ConnectionString};Command Timeout=1");
        using var runner = Runner(impatient, ("0001_item.sql", Table), ("0002_slow.sql", "SELECT pg_sleep(2.5);"));

        await runner.StartAsync(CancellationToken.None);
        await runner.Applied.WaitAsync(Limit);

        Assert.Null(runner.Problem);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM shop.migration"));
    }

    [Fact]
    public async Task ConcurrentIndex_WaitsForAWriterAndLetsOthersWrite_ThenIsValid()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        using (var first = Runner(database.Source, ("0001_item.sql", Table)))
        {
            await first.StartAsync(CancellationToken.None);
            await first.Applied.WaitAsync(Limit);
        }
        await using var writer = await database.Source.OpenConnectionAsync();
        await using var writing = await writer.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("INSERT INTO shop.item VALUES (1, 'a')", writer))
            await insert.ExecuteNonQueryAsync();

        // Two replicas start: one builds, the other asks again and again without standing in its way.
        using var runner = Runner(database.Source, ("0001_item.sql", Table), ("0002_index.concurrent.sql", Index));
        using var other = Runner(database.Source, ("0001_item.sql", Table), ("0002_index.concurrent.sql", Index));
        await runner.StartAsync(CancellationToken.None);
        await other.StartAsync(CancellationToken.None);
        await Eventually.GetAsync("an index that is being built", Limit, async () =>
            await database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()") > 0 ? "building" : null);
        await database.ExecuteAsync("INSERT INTO shop.item VALUES (2, 'b')");
        await writing.CommitAsync();

        await Task.WhenAll(runner.Applied, other.Applied).WaitAsync(Limit);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE indexrelid IN ('shop.item_name'::regclass, 'shop.item_id'::regclass) AND indisvalid"));
    }

    [Fact]
    public async Task ConcurrentIndex_ThatWasCutShort_IsMadeAnew()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await database.ExecuteAsync($"CREATE SCHEMA shop; {Table} INSERT INTO shop.item VALUES (1, 'a'), (2, 'a');");
        // A unique index over what is not unique is the quickest way to one that was given up.
        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY item_name ON shop.item (name)"));
        Assert.False(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop.item_name'::regclass"));

        using var runner = Runner(database.Source, ("0002_index.concurrent.sql", Index));
        await runner.StartAsync(CancellationToken.None);
        await runner.Applied.WaitAsync(Limit);

        Assert.True(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'shop.item_name'::regclass"));
    }

    [Fact]
    public async Task ConcurrentFile_WithAnythingElse_IsRefused()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        using var runner = Runner(database.Source, ("0001_item.sql", Table), ("0002_index.concurrent.sql", "CREATE INDEX item_name ON shop.item (name);"));

        await runner.StartAsync(CancellationToken.None);
        await runner.ExecuteTask!.WaitAsync(Limit);

        Assert.Contains("0002_index.concurrent.sql", runner.Problem, StringComparison.Ordinal);
        Assert.False(runner.Applied.IsCompleted);
    }

    [Fact]
    public async Task Table_ThatIsLocked_IsNotWaitedForWithEverybodyBehind()
    {
        await using var database = await TestDatabase.CreateAsync(jarvis);
        await database.ExecuteAsync($"CREATE SCHEMA shop; {Table}");
        await using var reader = await database.Source.OpenConnectionAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await using (var select = new NpgsqlCommand("SELECT count(*) FROM shop.item", reader))
            await select.ExecuteScalarAsync();

        using var runner = Runner(database.Source, ("0002_price.sql", "ALTER TABLE shop.item ADD COLUMN price int;"));
        await runner.StartAsync(CancellationToken.None);
        await Eventually.GetAsync("a migration that gave way", Limit, () =>
            Task.FromResult(runner.Problem?.Contains("waits for a table", StringComparison.Ordinal) == true ? "gave way" : null));
        await database.ExecuteAsync("INSERT INTO shop.item VALUES (1, 'a')");
        await reading.CommitAsync();

        await runner.Applied.WaitAsync(Limit);
    }

    [Fact]
    public async Task Server_WhoseNameIsNotResolved_IsTriedAgain()
    {
        // Npgsql lets the error of the name's resolution through as it is; a background service that it ends would end the process.
        await using var nowhere = NpgsqlDataSource.Create("Host=no-such-host.invalid;Username=postgres;Password=x;Timeout=5");
        using var runner = Runner(nowhere, ("0001_item.sql", Table));

        await runner.StartAsync(CancellationToken.None);
        await Eventually.GetAsync("a try that failed", Limit, () => Task.FromResult(runner.Problem == "Postgres does not answer" ? "failed" : null));

        Assert.False(runner.ExecuteTask!.IsCompleted);
        await runner.StopAsync(CancellationToken.None);
    }

    private static MigrationRunner Runner(NpgsqlDataSource database, params (string Name, string Sql)[] files) =>
        new(database, new("shop", new Files(files)), TimeProvider.System, NullLogger<MigrationRunner>.Instance);

    private sealed class Files((string Name, string Sql)[] files) : Assembly
    {
        public override string[] GetManifestResourceNames() => [.. files.Select(file => $"Shop.Migrations.{file.Name}")];

        public override Stream GetManifestResourceStream(string name) =>
            new MemoryStream(Encoding.UTF8.GetBytes(files.Single(file => name.EndsWith($".{file.Name}", StringComparison.Ordinal)).Sql));
    }
}
