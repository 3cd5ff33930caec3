using System.Reflection;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>What a project's launch profile and build output say about how to start it.</summary>
static class ProjectLaunch
{
    static readonly JsonSerializerOptions Json = new() { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Adds the endpoints and the environment of the launch profile.</summary>
    public static void Apply(IResourceBuilder<ProjectResource> project, ProjectResourceOptions options)
    {
        var configuration = project.ApplicationBuilder.Configuration;
        var preferred = configuration["AppHost:DefaultLaunchProfileName"] ?? configuration["DOTNET_LAUNCH_PROFILE"];
        if (!options.ExcludeLaunchProfile && FindProfile(project.Resource, options.LaunchProfileName, preferred) is var (profileName, profile))
        {
            foreach (var url in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var uri = new Uri(url.Replace("*", "localhost", StringComparison.Ordinal).Replace("+", "localhost", StringComparison.Ordinal));
                project.WithAnnotation(new EndpointAnnotation(System.Net.Sockets.ProtocolType.Tcp, uri.Scheme, port: uri.Port) { FromLaunchProfile = true });
            }

            project.WithEnvironment(context =>
            {
                context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", profileName);
                foreach (var (name, value) in profile.EnvironmentVariables)
                    context.EnvironmentVariables.TryAdd(name, Environment.ExpandEnvironmentVariables(value));
            });
        }

        project.WithEnvironment(context =>
        {
            var urls = project.Resource.GetEndpoints().Where(endpoint => endpoint.Scheme is "http" or "https").ToArray();
            if (urls.Length > 0)
                context.EnvironmentVariables.TryAdd("ASPNETCORE_URLS", new JoinedUrls(urls));
            if (urls.FirstOrDefault(endpoint => endpoint.Scheme == "https") is { } https)
                context.EnvironmentVariables.TryAdd("ASPNETCORE_HTTPS_PORT", https.Property(EndpointProperty.Port));
        });
    }

    /// <summary>The built assembly: same configuration and framework as this AppHost, else the newest that was built.</summary>
    public static string FindAssembly(ProjectResource project, Assembly? appHost)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        var bin = Path.Combine(Path.GetDirectoryName(path)!, "bin");
        var name = $"{Path.GetFileNameWithoutExtension(path)}.dll";
        if (appHost?.Location is { Length: > 0 } location && Path.GetDirectoryName(location) is { } output)
        {
            var configuration = appHost.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
            var framework = Path.GetFileName(output);
            var expected = Path.Combine(bin, configuration, framework.StartsWith("net", StringComparison.Ordinal) ? framework : $"net{Environment.Version.Major}.{Environment.Version.Minor}", name);
            if (File.Exists(expected))
                return expected;
        }

        var newest = Directory.Exists(bin)
            ? Directory.EnumerateFiles(bin, name, SearchOption.AllDirectories).Where(file => File.Exists(Path.ChangeExtension(file, ".runtimeconfig.json"))).MaxBy(File.GetLastWriteTimeUtc)
            : null;
        return newest ?? throw new DistributedApplicationException($"{name} was not found below {bin}. Build the solution, or {path}, first.");
    }

    static (string Name, LaunchProfile Profile)? FindProfile(ProjectResource project, string? demanded, string? preferred)
    {
        var metadata = project.GetProjectMetadata();
        var file = Path.Combine(Path.GetDirectoryName(metadata.ProjectPath)!, "Properties", "launchSettings.json");
        var settings = metadata.LaunchSettings
            ?? (File.Exists(file) ? JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllBytes(file), Json) : null);
        if (settings is null)
            return null;
        if (demanded is not null)
            return settings.Profiles.TryGetValue(demanded, out var named) ? (demanded, named) : throw new DistributedApplicationException($"Launch settings file does not contain '{demanded}' profile: {file}");
        if (preferred is not null && settings.Profiles.TryGetValue(preferred, out var profile))
            return (preferred, profile);
        var first = settings.Profiles.FirstOrDefault(entry => entry.Value.CommandName == "Project");
        return first.Value is null ? null : (first.Key, first.Value);
    }

    /// <summary>The addresses on which the process itself listens, on loopback.</summary>
    sealed class JoinedUrls(EndpointReference[] endpoints) : IValueProvider
    {
        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
        {
            var urls = new List<string>();
            foreach (var endpoint in endpoints)
                urls.Add($"{endpoint.Scheme}://localhost:{await endpoint.Property(EndpointProperty.TargetPort).GetValueAsync(cancellationToken)}");
            return string.Join(';', urls);
        }
    }
}
