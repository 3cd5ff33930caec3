using Aspire.Hosting.Testing;
using Npgsql;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>An empty database of a test's own in the stack's Postgres, dropped at its end.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _server;

    private TestDatabase(string server, string name)
    {
        // A test before may have stopped the server, and a pool would still hold the sessions of then.
        _server = new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString;
        _name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
        Source = NpgsqlDataSource.Create(ConnectionString);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource Source { get; }

    public static async Task<TestDatabase> CreateAsync(JarvisStack jarvis)
    {
        var database = new TestDatabase((await jarvis.App.GetConnectionStringAsync("jarvisdb"))!, $"test_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
        await database.OnServerAsync($"CREATE DATABASE {database._name}");
        return database;
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await OnServerAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    private async Task OnServerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
