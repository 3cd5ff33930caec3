using Jarvis.ServiceDefaults.Data;
using Npgsql;

namespace Jarvis.Workflows.Worker;

/// <summary>
/// A few sessions of their own for what must not wait in line with requests: renewals of leases, the look for lost ones, and notifications. With
/// the service's pool full, tasks that are going well would lose their leases otherwise.
/// </summary>
public sealed record LeaseDatabase(NpgsqlDataSource Source)
{
    /// <summary>The key of the data source.</summary>
    public const string Key = "leases";

    /// <summary>One listens, the others renew: a renewal takes about a millisecond.</summary>
    public const int MaxConnections = 4;

    public static NpgsqlDataSource Create(string? connection, string application)
    {
        var builder = new NpgsqlDataSourceBuilder(connection) { Name = $"{PostgresSchemaExtensions.ConnectionName}-{Key}" };
        builder.ConnectionStringBuilder.ApplicationName = application;
        builder.ConnectionStringBuilder.MaxPoolSize = MaxConnections;
        builder.ConnectionStringBuilder.MinPoolSize = 0;
        builder.ConnectionStringBuilder.Timeout = 5;
        builder.ConnectionStringBuilder.CommandTimeout = 5;
        // Renewals have a limit of their own, and a server that hangs does not answer the wish to cancel either.
        builder.ConnectionStringBuilder.CancellationTimeout = 500;
        return builder.Build();
    }
}
