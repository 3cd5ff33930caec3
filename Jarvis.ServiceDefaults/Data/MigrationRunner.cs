using System.Data;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>
/// Applies <c>Migrations/NNNN_title.sql</c> in the order of their names: all replicas at once may try (advisory lock), each file runs once
/// (table <c>{schema}.migration</c>), in one transaction with its record, and a file that changed after it ran is refused by its checksum.
/// A <c>NNNN_title.concurrent.sql</c> makes and removes indexes outside of a transaction while others write, and is tried again when it was cut short.
/// </summary>
public sealed partial class MigrationRunner(
    NpgsqlDataSource database, PostgresSchema schema, TimeProvider time, ILogger<MigrationRunner> logger) : BackgroundService
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the schema is as this build wants it; background work that reads tables waits for it.</summary>
    public Task Applied => _applied.Task;

    /// <summary>What keeps the migrations from being applied; null when nothing does.</summary>
    public string? Problem { get; private set; } = "waiting for Postgres";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody's request: it makes no spans.
        using var untraced = SuppressInstrumentationScope.Begin();
        var wait = FirstWait;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await ApplyAsync(stoppingToken))
                {
                    Problem = null;
                    _applied.TrySetResult();
                    return;
                }
                Problem = "another process migrates the schema";
                wait = FirstWait;
            }
            catch (MigrationChangedException exception)
            {
                // Waiting mends nothing: someone must put the file or the database right.
                Problem = exception.Message;
                LogChanged(exception);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, a name that was not resolved for a moment among it: a process that ends over it would be started into the same.
                Problem = Describe(exception);
                LogRetry(exception, schema.Name, wait.TotalMilliseconds);
            }
            await Task.Delay(wait, time, stoppingToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    /// <summary>Applies what is missing.</summary>
    /// <returns>False when another process is at it.</returns>
    private async Task<bool> ApplyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var session = new MigrationSession(connection, schema.Name);
        if (!await session.TryLockAsync(cancellationToken))
            return false;
        try
        {
            var done = await session.AppliedAsync(cancellationToken);
            foreach (var migration in Migration.Of(schema.Migrations))
            {
                if (!done.TryGetValue(migration.Name, out var before))
                {
                    Problem = $"migration {migration.Name} is being applied";
                    await session.ApplyAsync(migration, cancellationToken);
                    LogApplied(migration.Name, schema.Name);
                }
                else if (before != migration.Checksum)
                {
                    throw new MigrationChangedException(
                        $"Migration {migration.Name} of schema {schema.Name} was changed after it was applied. Restore the file and add a new migration instead.");
                }
            }
            return true;
        }
        finally
        {
            // The session's end frees the lock too, but a pooled session lives on. One that broke is over: asking it would hide why.
            if (connection.State == ConnectionState.Open)
                await session.UnlockAsync();
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => "a migration waits for a table that others use; it is tried again",
        PostgresException { IsTransient: false } broken => $"a migration failed: {broken.MessageText}",
        _ => "Postgres does not answer",
    };

    [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Applied migration {Migration} to schema {Schema}")]
    private partial void LogApplied(string migration, string schema);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "Migrations of schema {Schema} could not run; trying again in {WaitMs} ms")]
    private partial void LogRetry(Exception exception, string schema, double waitMs);

    [LoggerMessage(EventId = 12, Level = LogLevel.Critical, Message = "The migrations do not fit the database")]
    private partial void LogChanged(Exception exception);
}

internal sealed class MigrationCheck(MigrationRunner runner) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runner.Problem is { } problem ? new HealthCheckResult(context.Registration.FailureStatus, problem) : HealthCheckResult.Healthy());
}
