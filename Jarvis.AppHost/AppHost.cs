using Jarvis.AppHost.Databases;
using Jarvis.AppHost.Embedded.Redis;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Services;
using Jarvis.AppHost.Startup;

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, AllowUnsecuredTransport = true });
// The dashboard and its collector stay on the loopback: plain HTTP needs no development certificate there.
builder.Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] ??= "true";
if (!AppHostOptions.TryRead(args, builder.Configuration, builder.AppHostDirectory, out var jarvis, out var exitCode))
    return exitCode;

var secrets = builder.AddStartup(jarvis);
var serviceKey = builder.AddParameter("service-key", () => secrets.ServiceKey, secret: true);

// A server of the user's own, else a container, else a plain process.
var containers = jarvis.NeedsServers && ContainerRuntime.CanBeUsed(builder);

var database = JarvisDatabase.Add(builder, jarvis, containers);

IResourceBuilder<IResourceWithConnectionString> redis =
    jarvis.HasOwnRedis ? builder.AddConnectionString("redis")
    : containers ? builder.AddRedis("redis").WithDataVolume()
    : builder.AddEmbeddedRedis("redis");

var telemetry = builder.AddService<Projects.Jarvis_Telemetry>("telemetry", jarvis.Telemetry)
    .WithDatabase(database, DatabaseRole.Telemetry)
    .WithReference(redis).WaitFor(redis)
    .WithDiskOf(jarvis.DataDirectory)
    .WithServicePage(icon: "ChartMultiple");
telemetry.ExportTo(telemetry);

var catalog = builder.AddService<Projects.Jarvis_Catalog>("catalog", jarvis.Catalog)
    .WithDatabase(database, DatabaseRole.Catalog)
    .WithReference(redis).WaitFor(redis)
    .WithLibraries(jarvis.Libraries)
    .WithSettings(jarvis.Embeddings)
    .WithCatalogPage()
    .ExportTo(telemetry);

var workflows = builder.AddService<Projects.Jarvis_Workflows>("workflows", jarvis.Workflows)
    .WithDatabase(database, DatabaseRole.Workflows)
    .WithReference(redis).WaitFor(redis)
    .WithReference(catalog)
    .WithSettings(jarvis.N8n)
    .WithServicePage(icon: "Flow")
    .ExportTo(telemetry);

var gateway = builder.AddService<Projects.Jarvis_Gateway>("gateway", jarvis.GatewayService)
    .WithDatabase(database, DatabaseRole.Identity, DatabaseRole.IdentityOwner)
    .WithReference(redis).WaitFor(redis)
    .WithReference(catalog).WaitFor(catalog)
    .WithReference(workflows).WaitFor(workflows)
    .WithReference(telemetry).WaitFor(telemetry)
    .WithEnvironment("Auth__Secret", builder.AddParameter("auth-secret", () => secrets.Auth, secret: true))
    .WithEnvironment("Auth__SetupToken", builder.AddParameter("setup-token", () => secrets.SetupToken, secret: true))
    .WithPublicEndpoint(jarvis)
    .WithSettings(jarvis.Gateway)
    .WithGatewayPage()
    .ExportTo(telemetry);

// Each checks tokens itself, with the gateway's public keys, and knows the others by a key.
foreach (var service in (IResourceBuilder<ProjectResource>[])[telemetry, catalog, workflows, gateway])
{
    service.WithEnvironment("Security__ServiceKey", serviceKey);
    if (service != gateway)
        service.WithReference(gateway);
}

return await builder.Build().RunToEndAsync();
