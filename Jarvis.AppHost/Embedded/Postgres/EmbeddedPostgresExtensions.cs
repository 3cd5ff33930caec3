using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.AppHost.Embedded.Postgres;

static class EmbeddedPostgresExtensions
{
    /// <summary>Adds PostgreSQL as a plain process: one that is installed, else one that is fetched.</summary>
    public static IResourceBuilder<EmbeddedPostgresResource> AddEmbeddedPostgres(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        var ready = $"{name}_ready";
        var postgres = builder.AddResource(new EmbeddedPostgresResource(name, builder.AppHostDirectory))
            .WithEndpoint(name: EmbeddedPostgresResource.TcpEndpoint, scheme: "tcp", isProxied: false)
            .WithHealthCheck(ready)
            .WithIconName("DatabaseMultiple")
            .ExcludeFromManifest();
        postgres.OnBeforeResourceStarted(static (resource, _, _) =>
        {
            resource.Reservation?.Dispose();
            return Task.CompletedTask;
        });
        postgres.WithArgs(context =>
        {
            foreach (var argument in postgres.Resource.Arguments)
                context.Args.Add(argument);
        });
        builder.Services.AddHealthChecks().AddCheck(ready, new PostgresHealthCheck(postgres.Resource));
        builder.Services.AddSingleton<IEmbeddedServer>(services => ActivatorUtilities.CreateInstance<PostgresServer>(services, postgres));
        return postgres;
    }

    public static IResourceBuilder<EmbeddedDatabaseResource> AddDatabase(this IResourceBuilder<EmbeddedPostgresResource> postgres, [ResourceName] string name)
    {
        postgres.Resource.Databases.Add(name);
        var database = postgres.ApplicationBuilder.AddResource(new EmbeddedDatabaseResource(name, postgres.Resource)).WithIconName("Database").ExcludeFromManifest();
        // Aspire gives the state of a parent to its children only when the parent is a container.
        postgres.OnResourceReady((_, ready, _) => ready.Services.SetStateAsync(database.Resource, KnownResourceStates.Running));
        postgres.OnResourceStopped((_, stopped, _) => stopped.Services.SetStateAsync(database.Resource, stopped.ResourceEvent.Snapshot.State));
        return database;
    }

    static Task SetStateAsync(this IServiceProvider services, IResource resource, ResourceStateSnapshot? state) =>
        services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(resource, snapshot => snapshot with { State = state });
}
