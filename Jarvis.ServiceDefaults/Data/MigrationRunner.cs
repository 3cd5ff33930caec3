using System.Data;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>
/// Applies <c>Migrations/NNNN_title.sql</c> in the order of their names: all replicas at once may try (advisory lock), each file runs once
/// (table <c>{schema}.migration</c>), in one transaction with its record, and a file that changed after it ran is refused by its checksum.
/// </summary>
public sealed partial class MigrationRunner(
    NpgsqlDataSource database, PostgresSchema schema, TimeProvider time, ILogger<MigrationRunner> logger) : BackgroundService
{
    private readonly TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the schema is as this build wants it; background work that reads tables waits for it.</summary>
    public Task Applied => _applied.Task;

    /// <summary>What keeps the migrations from being applied; null when nothing does.</summary>
    public string? Problem { get; private set; } = "waiting for Postgres";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody's request: it makes no spans.
        using var untraced = SuppressInstrumentationScope.Begin();
        var wait = TimeSpan.FromMilliseconds(250);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ApplyAsync(stoppingToken);
                Problem = null;
                _applied.TrySetResult();
                return;
            }
            catch (MigrationChangedException exception)
            {
                // Waiting mends nothing: someone must put the file or the database right.
                Problem = exception.Message;
                LogChanged(exception);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
            {
                Problem = exception is PostgresException { IsTransient: false } broken ? $"a migration failed: {broken.MessageText}" : "Postgres does not answer";
                LogRetry(exception, schema.Name, wait.TotalMilliseconds);
                await Task.Delay(wait, time, stoppingToken);
                wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds * 2, 5_000));
            }
        }
    }

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock(hashtextextended('jarvis.migrations.{schema.Name}', 0))", cancellationToken);
        try
        {
            await ExecuteAsync(connection,
                $"""
                CREATE SCHEMA IF NOT EXISTS {schema.Name};
                CREATE TABLE IF NOT EXISTS {schema.Name}.migration (
                    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                """, cancellationToken);
            var done = await AppliedAsync(connection, cancellationToken);
            foreach (var (name, sql) in Files())
                await ApplyAsync(connection, name, sql, done, cancellationToken);
        }
        finally
        {
            // The session's end frees the lock too, but a pooled session lives on. One that broke is over: asking it would hide why.
            if (connection.State == ConnectionState.Open)
                await ExecuteAsync(connection, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
    }

    private async Task ApplyAsync(
        NpgsqlConnection connection, string name, string sql, Dictionary<string, string> done, CancellationToken cancellationToken)
    {
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql.ReplaceLineEndings("\n"))));
        if (done.TryGetValue(name, out var before))
        {
            if (before != checksum)
                throw new MigrationChangedException($"Migration {name} of schema {schema.Name} was changed after it was applied. Restore the file and add a new migration instead.");
            return;
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, sql, cancellationToken);
        await using var record = new NpgsqlCommand($"INSERT INTO {schema.Name}.migration (name, checksum) VALUES ($1, $2)", connection);
        record.Parameters.Add(new() { Value = name });
        record.Parameters.Add(new() { Value = checksum });
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        LogApplied(name, schema.Name);
    }

    private async Task<Dictionary<string, string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var done = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand($"SELECT name, checksum FROM {schema.Name}.migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            done[reader.GetString(0)] = reader.GetString(1);
        return done;
    }

    private IEnumerable<(string Name, string Sql)> Files()
    {
        foreach (var resource in schema.Migrations.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            if (resource.Split(".Migrations.") is not [_, var name])
                continue;
            using var reader = new StreamReader(schema.Migrations.GetManifestResourceStream(resource)!);
            yield return (name, reader.ReadToEnd());
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Applied migration {Migration} to schema {Schema}")]
    private partial void LogApplied(string migration, string schema);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "Migrations of schema {Schema} could not run; trying again in {WaitMs} ms")]
    private partial void LogRetry(Exception exception, string schema, double waitMs);

    [LoggerMessage(EventId = 12, Level = LogLevel.Critical, Message = "The migrations do not fit the database")]
    private partial void LogChanged(Exception exception);
}

/// <summary>A migration that has run is not what it was.</summary>
public sealed class MigrationChangedException(string message) : Exception(message);

internal sealed class MigrationCheck(MigrationRunner runner) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runner.Problem is { } problem ? new HealthCheckResult(context.Registration.FailureStatus, problem) : HealthCheckResult.Healthy());
}
