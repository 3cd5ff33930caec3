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
            PostgresPools.Bound(source.ConnectionStringBuilder, builder.Environment.ApplicationName,
                PostgresPools.Sizes(builder.Configuration).MaxPoolSize);
        });
        builder.Services.AddSingleton(new PostgresSchema(schema, assembly));
        builder.AddPostgresPools();
        builder.Services.AddHostedService(services => services.GetRequiredService<MigrationRunner>());
        var failure = required ? HealthStatus.Unhealthy : HealthStatus.Degraded;
        builder.Services.AddHealthChecks()
            // Quicker to give up than whoever asks for the health: a server that hangs is named, too.
            .AddCheck<PostgresCheck>("postgres", failure, [HealthTags.Part], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<MigrationCheck>("migrations", failure, [HealthTags.Ready]);
        return builder;
    }
}
