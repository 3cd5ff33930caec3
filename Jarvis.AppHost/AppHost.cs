using Jarvis.AppHost.Embedded.Postgres;
using Jarvis.AppHost.Embedded.Redis;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Startup;

var builder = DistributedApplication.CreateBuilder(args);
if (!AppHostOptions.TryRead(args, builder.Configuration, builder.AppHostDirectory, out var jarvis, out var exitCode))
    return exitCode;

var secrets = builder.AddStartup(jarvis);
var serviceKey = builder.AddParameter("service-key", () => secrets.ServiceKey, secret: true);

// A server of the user's own, else a container, else a plain process.
var containers = jarvis.NeedsServers && ContainerRuntime.CanBeUsed(builder);

IResourceBuilder<IResourceWithConnectionString> database =
    jarvis.HasOwnDatabase ? builder.AddConnectionString("jarvisdb")
    : containers ? builder.AddPostgres("postgres").WithDataVolume().WithLifetime(ContainerLifetime.Persistent).AddDatabase("jarvisdb")
    : builder.AddEmbeddedPostgres("postgres").AddDatabase("jarvisdb");

IResourceBuilder<IResourceWithConnectionString> redis =
    jarvis.HasOwnRedis ? builder.AddConnectionString("redis")
    : containers ? builder.AddRedis("redis").WithDataVolume()
    : builder.AddEmbeddedRedis("redis");

var telemetry = builder.AddProject<Projects.Jarvis_Telemetry>("telemetry")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithDiskOf(jarvis.DataDirectory)
    .WithReplicas(jarvis.TelemetryReplicas)
    .WithHttpHealthCheck("/health");
telemetry.ExportTo(telemetry);

var catalog = builder.AddProject<Projects.Jarvis_Catalog>("catalog")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithLibraries(jarvis.Libraries)
    .WithEmbeddings(jarvis.Embeddings)
    .WithReplicas(jarvis.CatalogReplicas)
    .WithHttpHealthCheck("/health")
    .ExportTo(telemetry);

var workflows = builder.AddProject<Projects.Jarvis_Workflows>("workflows")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithReference(catalog)
    .WithN8n(jarvis.N8nBaseUrl)
    .WithReplicas(jarvis.WorkflowsReplicas)
    .WithHttpHealthCheck("/health")
    .ExportTo(telemetry);

var gateway = builder.AddProject<Projects.Jarvis_Gateway>("gateway")
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithReference(catalog).WaitFor(catalog)
    .WithReference(workflows).WaitFor(workflows)
    .WithReference(telemetry).WaitFor(telemetry)
    .WithEnvironment("Auth__Secret", builder.AddParameter("auth-secret", () => secrets.Auth, secret: true))
    .WithEnvironment("Auth__SetupToken", builder.AddParameter("setup-token", () => secrets.SetupToken, secret: true))
    .WithReplicas(jarvis.GatewayReplicas)
    .WithHttpHealthCheck("/health")
    .WithEndpoint(port: jarvis.Port, scheme: jarvis.Scheme, name: "public")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("public", url => url.DisplayText = "Console")
    .ExportTo(telemetry);
gateway.WithEnvironment("Auth__PublicUrl", gateway.GetEndpoint("public")).WithGatewaySettings(jarvis.Gateway);

// Each checks tokens itself, with the gateway's public keys, and knows the others by a key.
foreach (var service in (IResourceBuilder<ProjectResource>[])[telemetry, catalog, workflows, gateway])
{
    service.WithEnvironment("Security__ServiceKey", serviceKey);
    if (service != gateway)
        service.WithReference(gateway);
}

return await builder.Build().RunToEndAsync();
