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

    /// <summary>
    /// Passes settings on by their configuration keys. Secrets go as parameters of that kind: the dashboard and the command line mask them, and what is
    /// published names them and does not hold them.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (key, value) in settings)
        {
            var variable = key.Replace(":", "__", StringComparison.Ordinal);
            if (IsSecret(key))
                service.WithEnvironment(variable, service.ApplicationBuilder.AddParameter(ParameterName(key), () => value, secret: true));
            else
                service.WithEnvironment(variable, value);
        }

        return service;
    }

    /// <summary>The host's disk figures are those of the drive that the data lies on.</summary>
    public static IResourceBuilder<ProjectResource> WithDiskOf(this IResourceBuilder<ProjectResource> service, string? dataDirectory) =>
        service.WithEnvironment("HostSampling__DiskPath", dataDirectory ?? Path.GetTempPath());

    /// <summary>Whether the value of this key is a password, a key or the like.</summary>
    internal static bool IsSecret(string key) =>
        ((string[])["Password", "Secret", "ApiKey", "WebhookKey"]).Any(ending => key.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    // Letters, digits and single dashes, as names of resources have to be.
    static string ParameterName(string key) => key.Replace(':', '-').ToLowerInvariant();
}
