using System.Globalization;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Services;

/// <summary>Adds a service of Jarvis to the app model, alike for all of them.</summary>
static class ServiceExtensions
{
    /// <summary>The endpoint at which a service is called by the others and by health checks.</summary>
    public const string HttpEndpoint = "http";

    /// <summary>After being told to stop, as measured of Aspire's orchestrator, which cannot be told otherwise.</summary>
    public static readonly TimeSpan KilledAfter = TimeSpan.FromSeconds(6);

    /// <summary>What a service is told that it has: it also needs a moment to be told, and to end.</summary>
    static readonly TimeSpan StopsWithin = KilledAfter - TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds a project whose process listens itself where it can: the orchestrator's proxy costs about 95 µs a request, pins a kept-alive client to
    /// one replica, and keeps accepting while the process is down. Only several replicas behind one address need it.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name, ServiceSettings settings)
        where TProject : IProjectMetadata, new() =>
        builder.AddProject<TProject>(name, static options => options.ExcludeLaunchProfile = true)
            .WithHttpEndpoint(settings.Port, settings.IsSingle ? settings.Port : null, HttpEndpoint, isProxied: !settings.IsSingle)
            .WithReplicas(settings.Replicas)
            .WithHttpHealthCheck("/health", endpointName: HttpEndpoint)
            // Plain HTTP on the loopback; who asks for HTTPS names a certificate, or has a development certificate that Kestrel finds by itself.
            .WithoutHttpsCertificate()
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("Shutdown__Seconds", StopsWithin.TotalSeconds.ToString(CultureInfo.InvariantCulture))
            .RunsItsBuild()
            .HidesWhatUsersSent();

    /// <summary>Tells where to send spans.</summary>
    public static IResourceBuilder<ProjectResource> ExportTo(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource> telemetry) =>
        service.WithEnvironment("Telemetry__Endpoint", telemetry.GetEndpoint(HttpEndpoint));

    /// <summary>
    /// Aspire has its children record query strings and prompts unredacted while developing. Tickets, tokens and what people wrote have no place in a
    /// trace that others read, whatever the environment.
    /// </summary>
    static IResourceBuilder<ProjectResource> HidesWhatUsersSent(this IResourceBuilder<ProjectResource> service) =>
        service.WithEnvironment(static context =>
        {
            context.EnvironmentVariables["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"] = "false";
            context.EnvironmentVariables["OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"] = "false";
            context.EnvironmentVariables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "false";
            // Set for a console that people read; the services write JSON, which carries the trace and the correlation ID.
            context.EnvironmentVariables.Remove("LOGGING__CONSOLE__FORMATTERNAME");
            context.EnvironmentVariables.Remove("LOGGING__CONSOLE__FORMATTEROPTIONS__TIMESTAMPFORMAT");
        });

    /// <summary>
    /// Starts the program that the build has made, not <c>dotnet run</c>: that would stay as a second process of some 56 MB for each service, and the
    /// service would live on when it is killed. Debuggers and <c>dotnet watch</c> start projects their own way.
    /// </summary>
    static IResourceBuilder<ProjectResource> RunsItsBuild(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode || builder.Configuration["DEBUG_SESSION_PORT"] is not null || builder.Configuration["DOTNET_WATCH"] is not null)
            return service;
        return BuildOutput.ProgramOf(service.Resource.GetProjectMetadata().ProjectPath) is { } program
            ? service.WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(service.Resource.GetProjectMetadata().ProjectPath)! })
            : service;
    }
}
