using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Jarvis.ServiceDefaults.Data;

internal sealed class PostgresCheck(NpgsqlDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or OperationCanceledException or IOException)
        {
            return new(context.Registration.FailureStatus, "does not answer");
        }
    }
}
