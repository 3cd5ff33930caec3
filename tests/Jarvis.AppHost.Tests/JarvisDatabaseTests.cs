using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Jarvis.AppHost.Databases;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Tests;

/// <summary>As whom services sign in, wherever the database is. Expressions are looked at, not values: nothing is started.</summary>
public sealed class JarvisDatabaseTests
{
    private static readonly AppHostOptions Options = new() { Libraries = [], Port = 1, DataDirectory = null };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Service_AtAServerOfJarvis_SignsInAsItsRoleAndNotAsSuperuser(bool container)
    {
        var builder = Builder();
        var database = JarvisDatabase.Add(builder, Options, container);

        var catalog = await VariablesAsync(builder.AddResource(new ProjectResource("catalog")).WithDatabase(database,
            DatabaseRole.Catalog));
        var gateway = await VariablesAsync(builder.AddResource(new ProjectResource("gateway")).WithDatabase(database, DatabaseRole.Identity,
            DatabaseRole.IdentityOwner));

        Assert.Contains("Username=jarvis_catalog;Password={jarvis-catalog-password.value};Database=jarvisdb",
            catalog["ConnectionStrings__jarvisdb"], StringComparison.Ordinal);
        Assert.Contains("Require Auth=ScramSHA256", catalog["ConnectionStrings__jarvisdb"], StringComparison.Ordinal);
        Assert.DoesNotContain("ConnectionStrings__jarvisdb_owner", catalog.Keys);
        Assert.Contains("Username=jarvis_identity;", gateway["ConnectionStrings__jarvisdb"], StringComparison.Ordinal);
        Assert.Contains("Username=jarvis_identity_owner;", gateway["ConnectionStrings__jarvisdb_owner"], StringComparison.Ordinal);
        Assert.Equal(("20", "4"), (catalog["Postgres__MaxPoolSize"], catalog["Postgres__ReservedPoolSize"]));
        foreach (var value in catalog.Values.Concat(gateway.Values))
            Assert.DoesNotContain("postgres-password", value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_ForManyProcesses_TakesAllTheirSessions()
    {
        var options = Options with { Catalog = new(16), Workflows = new(16), Telemetry = new(16), GatewayService = new(16) };
        var builder = Builder();
        JarvisDatabase.Add(builder, options, containers: true);

        var server = builder.Resources.OfType<PostgresServerResource>().Single();
        var arguments = new List<object>();
        foreach (var callback in server.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            await callback.Callback(new CommandLineArgsCallbackContext(arguments));

        Assert.Contains($"max_connections={PoolPlan.For(options).MaxConnections}", arguments.OfType<string>());
    }

    [Fact]
    public async Task Service_AtAServerOfTheUsers_SignsInAsItIsGiven()
    {
        var builder = Builder();
        builder.Configuration["ConnectionStrings:jarvisdb"] = "Host=db;Username=one";
        builder.Configuration["ConnectionStrings:jarvisdb_catalog"] = "Host=db;Username=two";
        var database = JarvisDatabase.Add(builder, Options with { HasOwnDatabase = true, DatabaseRoles = ["jarvisdb_catalog"] },
            containers: false);

        var catalog = await VariablesAsync(builder.AddResource(new ProjectResource("catalog")).WithDatabase(database,
            DatabaseRole.Catalog));
        var telemetry = await VariablesAsync(builder.AddResource(new ProjectResource("telemetry")).WithDatabase(database,
            DatabaseRole.Telemetry));

        Assert.Equal("{jarvisdb-catalog.value}", catalog["ConnectionStrings__jarvisdb"]);
        Assert.Equal("{jarvisdb.connectionString}", telemetry["ConnectionStrings__jarvisdb"]);
    }

    private static IDistributedApplicationBuilder Builder() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = "Jarvis.AppHost",
            DisableDashboard = true,
            AllowUnsecuredTransport = true
        });

    /// <summary>Texts as they are, everything else as a manifest would have it.</summary>
    private static async Task<Dictionary<string, string>> VariablesAsync(IResourceBuilder<ProjectResource> service)
    {
        var context = new EnvironmentCallbackContext(service.ApplicationBuilder.ExecutionContext);
        foreach (var callback in service.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await callback.Callback(context);
        return context.EnvironmentVariables.ToDictionary(
            variable => variable.Key, variable => variable.Value is IManifestExpressionProvider expression
                ? expression.ValueExpression : (string)variable.Value, StringComparer.Ordinal);
    }
}
