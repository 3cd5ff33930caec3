using System.Reflection;
using Jarvis.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>A service's own schema in the shared database, and the migrations that make it.</summary>
/// <param name="Name">The schema; a service reads and writes no other.</param>
/// <param name="Migrations">The assembly whose embedded <c>Migrations/NNNN_title.sql</c> are applied in order.</param>
public sealed record PostgresSchema(string Name, Assembly Migrations);

public static class PostgresSchemaExtensions
{
    /// <summary>The connection string's name, as the AppHost gives it.</summary>
    public const string ConnectionName = "jarvisdb";

    /// <summary>
    /// Registers the <c>NpgsqlDataSource</c> and applies the calling assembly's migrations to <paramref name="schema"/> at start, each once.
    /// Until they are applied the service answers, and is unhealthy (check <c>migrations</c>).
    /// </summary>
    /// <param name="builder">Of the service.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="required">Whether the service is down without Postgres; else it is degraded.</param>
    public static TBuilder AddPostgresSchema<TBuilder>(this TBuilder builder, string schema, bool required = true)
        where TBuilder : IHostApplicationBuilder
    {
        var assembly = Assembly.GetCallingAssembly();
        builder.AddNpgsqlDataSource(ConnectionName, settings => settings.DisableHealthChecks = true, source =>
        {
            // Spans carry the name; without one they would carry the connection string.
            source.Name = ConnectionName;
            source.ConnectionStringBuilder.ApplicationName = builder.Environment.ApplicationName;
            // Bounded waits: a server that is gone is told to the caller soon.
            source.ConnectionStringBuilder.Timeout = 5;
            source.ConnectionStringBuilder.CommandTimeout = 15;
            // A migration has no limit of its own: that its server is gone shows here.
            source.ConnectionStringBuilder.TcpKeepAlive = true;
            source.ConnectionStringBuilder.TcpKeepAliveTime = 30;
            source.ConnectionStringBuilder.TcpKeepAliveInterval = 10;
            source.ConnectionStringBuilder.MaxPoolSize = 20;
            // Each idle session is a server process: a burst's sessions go soon after it.
            source.ConnectionStringBuilder.ConnectionIdleLifetime = 30;
            source.ConnectionStringBuilder.ConnectionPruningInterval = 5;
        });
        builder.Services.AddSingleton(new PostgresSchema(schema, assembly));
        builder.Services.AddSingleton<MigrationRunner>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MigrationRunner>());
        var failure = required ? HealthStatus.Unhealthy : HealthStatus.Degraded;
        builder.Services.AddHealthChecks()
            // Quicker to give up than whoever asks for the health: a server that hangs is named, too.
            .AddCheck<PostgresCheck>("postgres", failure, [HealthTags.Part], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<MigrationCheck>("migrations", failure, [HealthTags.Ready]);
        return builder;
    }
}
