using System.Globalization;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Embedded.Postgres;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Databases;

/// <summary>
/// The database of Jarvis: where it is, as whom each service signs in there, and how many sessions each process may open.
/// </summary>
sealed class JarvisDatabase
{
    const string Name = "jarvisdb";
    const string OwnerName = "jarvisdb_owner";

    readonly IResourceBuilder<IResourceWithConnectionString> _resource;
    readonly Func<DatabaseRole, ReferenceExpression?> _signIn;

    JarvisDatabase(IResourceBuilder<IResourceWithConnectionString> resource, Func<DatabaseRole, ReferenceExpression?> signIn) =>
        (_resource, _signIn) = (resource, signIn);

    /// <summary>Known once servers have been prepared, which is before the first service starts.</summary>
    public required PoolPlan Pools { get; set; }

    /// <summary>A server of the user's own, else a container, else a plain process.</summary>
    public static JarvisDatabase Add(IDistributedApplicationBuilder builder, AppHostOptions options, bool containers)
    {
        var database = options.HasOwnDatabase ? Own(builder, options)
            : containers ? Container(builder, options)
            : Embedded(builder, options);
        builder.Services.AddSingleton(database);
        return database;
    }

    /// <summary>
    /// Has a service sign in as its role. The role that owns its schema, where that is another one, is for its migrations.
    /// </summary>
    public IResourceBuilder<ProjectResource> Open(IResourceBuilder<ProjectResource> service, DatabaseRole role, DatabaseRole? owner)
    {
        // No plain reference to the resource: it would hand over the superuser's password.
        if (_signIn(role) is { } connection)
            service.WithEnvironment($"ConnectionStrings__{Name}", connection).WithReferenceRelationship(_resource.Resource);
        else
            service.WithReference(_resource, Name);
        if (owner is not null && _signIn(owner) is { } ownerConnection)
            service.WithEnvironment($"ConnectionStrings__{OwnerName}", ownerConnection);
        return service.WaitFor(_resource).WithEnvironment(context =>
        {
            context.EnvironmentVariables["Postgres__MaxPoolSize"] = Pools.PoolSize.ToString(CultureInfo.InvariantCulture);
            context.EnvironmentVariables["Postgres__ReservedPoolSize"] = PoolPlan.Reserved.ToString(CultureInfo.InvariantCulture);
        });
    }

    static JarvisDatabase Own(IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var roles = DatabaseRole.All.Where(role => options.DatabaseRoles.Contains(role.ConnectionName))
            .ToDictionary(role => role, role => ReferenceExpression.Create($"{Given(builder, role)}"));
        return new JarvisDatabase(builder.AddConnectionString(Name), roles.GetValueOrDefault) { Pools = PoolPlan.For(options) };
    }

    /// <summary>A parameter: names of resources have no underscore, names of environment variables no dash.</summary>
    static ParameterResource Given(IDistributedApplicationBuilder builder, DatabaseRole role) => builder.AddParameter(
        role.ConnectionName.Replace('_', '-'), () => builder.Configuration.GetConnectionString(role.ConnectionName) ?? "", secret: true)
            .Resource;

    static JarvisDatabase Container(IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var pools = PoolPlan.For(options);
        var server = builder.AddPostgres("postgres").WithDataVolume().WithLifetime(ContainerLifetime.Persistent)
            .WithArgs("-c", string.Create(CultureInfo.InvariantCulture, $"max_connections={pools.MaxConnections}"));
        var resource = server.AddDatabase(Name);
        // What is published runs where nobody is there to make roles: whoever deploys it does (docs/configuration.md).
        if (builder.ExecutionContext.IsPublishMode)
            return new JarvisDatabase(resource, _ => null) { Pools = pools };
        MakeRoles(builder, resource.Resource);
        var address = server.Resource.PrimaryEndpoint;
        var place = ReferenceExpression.Create(
            $"Host={address.Property(EndpointProperty.Host)};Port={address.Property(EndpointProperty.Port)};Require Auth=ScramSHA256");
        return new JarvisDatabase(resource, role => ReferenceExpression.Create(
            $"{place};Username={role.Name};Password={new RolePassword(server.Resource.PasswordParameter, role)};Database={Name}"))
        {
            Pools = pools,
        };
    }

    static JarvisDatabase Embedded(IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var server = builder.AddEmbeddedPostgres("postgres");
        var resource = server.AddDatabase(Name);
        MakeRoles(builder, resource.Resource);
        return new JarvisDatabase(resource, role => ReferenceExpression.Create(
            $"{server.Resource.Address};Username={role.Name};Password={new RolePassword(server.Resource.Password, role)};Database={Name}"))
        {
            Pools = PoolPlan.For(options),
        };
    }

    /// <summary>Whoever waits for the database waits for this, too.</summary>
    static void MakeRoles<T>(IDistributedApplicationBuilder builder, T database)
        where T : IResourceWithConnectionString =>
        builder.Eventing.Subscribe<ResourceReadyEvent>(database, async (ready, cancellationToken) =>
        {
            try
            {
                var superuser = await database.GetConnectionStringAsync(cancellationToken)
                    ?? throw new InvalidOperationException($"{database.Name} has no connection string.");
                await RoleSetup.RunAsync(superuser, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                ready.Services.GetRequiredService<ILoggerFactory>().CreateLogger(database.Name).RolesNotMade(error, error.Message);
                throw new StartupException($"The roles of the services could not be made: {error.Message}", error);
            }
        });
}

static class DatabaseExtensions
{
    /// <summary>Gives the service its database, in which it works as <paramref name="role"/>.</summary>
    public static IResourceBuilder<ProjectResource> WithDatabase(
        this IResourceBuilder<ProjectResource> service, JarvisDatabase database, DatabaseRole role, DatabaseRole? owner = null) =>
            database.Open(service, role, owner);
}

static partial class DatabaseLog
{
    [LoggerMessage(30, LogLevel.Error, "The roles of the services could not be made, so none of them starts: {Reason}")]
    public static partial void RolesNotMade(this ILogger logger, Exception error, string reason);
}
