using Aspire.Hosting.Testing;
using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>A database of its own in the stack's Postgres with the tables of the workflow service, and what of the service works on them; no worker runs.</summary>
internal sealed class WorkflowsDatabase : IAsyncDisposable
{
    public const int MaxTasks = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private WorkflowsDatabase(string connection)
    {
        Source = NpgsqlDataSource.Create(connection);
        Leases = new(NpgsqlDataSource.Create(connection));
        var worker = Options.Create(new WorkerOptions { LeaseSeconds = 2 });
        Store = new(Source, Options.Create(new TaskQuotaOptions { MaxTasks = MaxTasks }));
        Claims = new(Source, Leases, worker);
        Held = new TaskLeases(Source, Leases, worker);
    }

    public NpgsqlDataSource Source { get; }

    public LeaseDatabase Leases { get; }

    public TaskStore Store { get; }

    public TaskClaims Claims { get; }

    public TaskLeases Held { get; }

    public static async Task<WorkflowsDatabase> CreateAsync(JarvisStack jarvis)
    {
        var server = new NpgsqlConnectionStringBuilder(await jarvis.App.GetConnectionStringAsync("jarvisdb"));
        var name = $"workflows_{NewId():N}";
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync();
        }
        server.Database = name;
        server.MaxPoolSize = 5;
        server.Timeout = 5;
        var database = new WorkflowsDatabase(server.ConnectionString);
        using var migrations = new MigrationRunner(
            database.Source, new("workflows", typeof(TaskStore).Assembly), TimeProvider.System, NullLogger<MigrationRunner>.Instance);
        await migrations.StartAsync(CancellationToken.None);
        await migrations.Applied.WaitAsync(Limit);
        return database;
    }

    public static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    public static NewTask Task(TaskCaller caller, string? key = null, byte hash = 1) =>
        new(NewId(), "workflow.trigger", "wf-1", "Orders", caller, new("POST", "orders"), "{}", key, [hash], "of-the-test", null);

    public static TaskCaller User() => new(CallerKind.User, NewId());

    /// <summary>A task that was claimed.</summary>
    public async Task<TaskClaim> ClaimedAsync()
    {
        Assert.True(await Store.AddAsync(Task(User()), CancellationToken.None));
        return Assert.Single(await Claims.ClaimAsync(1, CancellationToken.None));
    }

    /// <summary>The first column of all rows.</summary>
    public async Task<IReadOnlyList<T>> SqlAsync<T>(string sql, IEnumerable<NpgsqlParameter>? parameters = null)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        foreach (var parameter in parameters ?? [])
            command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetFieldValue<T>(0));
        return rows;
    }

    public async Task<string> ExplainAsync(string sql, IEnumerable<NpgsqlParameter> parameters) =>
        string.Join('\n', await SqlAsync<string>($"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {sql}", parameters));

    public async ValueTask DisposeAsync()
    {
        await Leases.Source.DisposeAsync();
        await Source.DisposeAsync();
    }
}
