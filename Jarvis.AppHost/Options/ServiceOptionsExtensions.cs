namespace Jarvis.AppHost.Options;

/// <summary>How options reach the services: as environment variables, that is as ordinary configuration.</summary>
static class ServiceOptionsExtensions
{
    public static IResourceBuilder<ProjectResource> WithLibraries(this IResourceBuilder<ProjectResource> service, IReadOnlyList<string> libraries)
    {
        for (var i = 0; i < libraries.Count; i++)
            service.WithEnvironment($"Catalog__Roots__{i}", libraries[i]);
        return service;
    }

    public static IResourceBuilder<ProjectResource> WithN8n(this IResourceBuilder<ProjectResource> service, string? baseUrl) =>
        baseUrl is null ? service : service.WithEnvironment("N8n__BaseUrl", baseUrl);

    /// <summary>What is published gets all but the key, which has no place in a manifest.</summary>
    public static IResourceBuilder<ProjectResource> WithEmbeddings(this IResourceBuilder<ProjectResource> service, IReadOnlyDictionary<string, string> settings) =>
        service.WithEnvironment(context =>
        {
            foreach (var (key, value) in settings)
            {
                if (context.ExecutionContext.IsRunMode || !string.Equals(key, "ApiKey", StringComparison.OrdinalIgnoreCase))
                    context.EnvironmentVariables[$"Embeddings__{key}"] = value;
            }
        });

    public static IResourceBuilder<ProjectResource> WithGatewaySettings(this IResourceBuilder<ProjectResource> gateway, IReadOnlyDictionary<string, string> settings) =>
        gateway.WithEnvironment(context =>
        {
            foreach (var (key, value) in settings)
            {
                if (context.ExecutionContext.IsRunMode || !GatewaySettings.IsSecret(key))
                    context.EnvironmentVariables[key.Replace(":", "__", StringComparison.Ordinal)] = value;
            }
        });

    /// <summary>The host's disk figures are those of the drive that the data lies on.</summary>
    public static IResourceBuilder<ProjectResource> WithDiskOf(this IResourceBuilder<ProjectResource> service, string? dataDirectory) =>
        service.WithEnvironment("HostSampling__DiskPath", dataDirectory ?? Path.GetTempPath());
}
