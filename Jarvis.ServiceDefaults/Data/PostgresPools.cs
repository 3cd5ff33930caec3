using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>
/// The pools of a process: the one for requests (<see cref="NpgsqlDataSource"/>), the one kept back (<see cref="Reserved"/>), and the
/// owner's, which only migrations use.
/// </summary>
public static class PostgresPools
{
    /// <summary>The key of the data source whose sessions requests cannot take: for LISTEN, leases and revocations.</summary>
    public const string Reserved = "reserved";

    /// <summary>
    /// The name of a second connection string, of the role that owns the schema, where that is another one than the role that the service
    /// works as.
    /// </summary>
    public const string OwnerConnectionName = "jarvisdb_owner";

    // The migrations' one, and one to spare while a broken one is replaced.
    private const int OwnerPoolSize = 2;
    private const string Owner = "owner";

    internal static void AddPostgresPools(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<PostgresOptions>().BindConfiguration(PostgresOptions.Section).ValidateDataAnnotations()
            .ValidateOnStart();
        var configuration = builder.Configuration;
        var application = builder.Environment.ApplicationName;
        builder.Services.AddKeyedSingleton(Reserved, (services, _) =>
            Create(services, configuration.GetConnectionString(PostgresSchemaExtensions.ConnectionName), Reserved, application,
                Sizes(configuration).ReservedPoolSize));
        var owner = configuration.GetConnectionString(OwnerConnectionName);
        if (!string.IsNullOrWhiteSpace(owner))
            builder.Services.AddKeyedSingleton(Owner, (services, _) => Create(services, owner, Owner, application, OwnerPoolSize));
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<MigrationRunner>(
            services, services.GetKeyedService<NpgsqlDataSource>(Owner) ?? services.GetRequiredKeyedService<NpgsqlDataSource>(Reserved)));
    }

    /// <summary>What every pool has alike.</summary>
    internal static void Bound(NpgsqlConnectionStringBuilder connection, string application, int size)
    {
        connection.ApplicationName = application;
        // Bounded waits: a server that is gone is told to the caller soon.
        connection.Timeout = 5;
        connection.CommandTimeout = 15;
        connection.MinPoolSize = Math.Min(connection.MinPoolSize, size);
        connection.MaxPoolSize = size;
        // Each idle session is a server process: a burst's sessions go soon after it.
        connection.ConnectionIdleLifetime = 30;
        connection.ConnectionPruningInterval = 5;
        // A migration has no limit of its own: that its server is gone shows here.
        connection.TcpKeepAlive = true;
        connection.TcpKeepAliveTime = 30;
        connection.TcpKeepAliveInterval = 10;
    }

    /// <summary>Read before options are validated; what is wrong there is told by the validation, with the key's name.</summary>
    internal static PostgresOptions Sizes(IConfiguration configuration)
    {
        try
        {
            var sizes = configuration.GetSection(PostgresOptions.Section).Get<PostgresOptions>() ?? new();
            return sizes is { MaxPoolSize: > 0, ReservedPoolSize: > 0 } ? sizes : new();
        }
        catch (InvalidOperationException)
        {
            return new();
        }
    }

    private static NpgsqlDataSource Create(IServiceProvider services, string? connectionString, string name, string application, int size)
    {
        // Spans carry the name; without one they would carry the connection string.
        var source = new NpgsqlDataSourceBuilder(connectionString) { Name = $"{PostgresSchemaExtensions.ConnectionName}-{name}" };
        source.UseLoggerFactory(services.GetService<ILoggerFactory>());
        Bound(source.ConnectionStringBuilder, application, size);
        return source.Build();
    }
}
