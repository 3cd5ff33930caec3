using Jarvis.AppHost.Embedded.Postgres;
using Jarvis.AppHost.Embedded.Redis;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Startup;

var builder = DistributedApplication.CreateBuilder(args);
if (!AppHostOptions.TryRead(args, builder.Configuration, builder.AppHostDirectory, out var jarvis, out var exitCode))
    return exitCode;

builder.AddStartup(jarvis);

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

builder.AddProject<Projects.Jarvis_Gateway>("gateway")
    .WithReference(redis).WaitFor(redis)
    .WithReference(catalog).WaitFor(catalog)
    .WithReference(workflows).WaitFor(workflows)
    .WithReference(telemetry).WaitFor(telemetry)
    .WithReplicas(jarvis.GatewayReplicas)
    .WithHttpHealthCheck("/health")
    .WithHttpEndpoint(port: jarvis.Port, name: "public")
    .WithExternalHttpEndpoints()
    .WithUrlForEndpoint("public", url => url.DisplayText = "Console")
    .ExportTo(telemetry);

return await builder.Build().RunToEndAsync();
