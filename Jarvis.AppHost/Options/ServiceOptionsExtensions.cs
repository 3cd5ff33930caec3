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

    public static IResourceBuilder<ProjectResource> WithN8n(this IResourceBuilder<ProjectResource> service, string? baseUrl, string? apiKey)
    {
        if (baseUrl is not null)
            service.WithEnvironment("N8n__BaseUrl", baseUrl);
        if (apiKey is not null)
            service.WithEnvironment("N8n__ApiKey", apiKey);
        return service;
    }

    public static IResourceBuilder<ProjectResource> ExportTo(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource> telemetry) =>
        service.WithEnvironment("Telemetry__Endpoint", telemetry.GetEndpoint("http"));
}
