using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Services;

/// <summary>The one address that users and their programs know.</summary>
static class PublicEndpoint
{
    public const string Name = "public";

    /// <summary>
    /// The gateway's process listens there itself unless there are several of them. Links in e-mails lead there, too, or to the first name under which
    /// Jarvis is called when it listens beyond this machine.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithPublicEndpoint(this IResourceBuilder<ProjectResource> gateway, AppHostOptions options)
    {
        int? port = options.RandomPorts ? null : options.Port;
        var isSingle = options.GatewayService.IsSingle;
        gateway
            .WithEndpoint(port, isSingle ? port : null, options.Scheme, Name, isProxied: !isSingle)
            .WithEndpoint(Name, endpoint => endpoint.TargetHost = options.Listen)
            .WithExternalHttpEndpoints();
        var host = gateway.ApplicationBuilder.Configuration.GetSection("Gateway:AllowedHosts").GetChildren().FirstOrDefault()?.Value;
        return host is null || ListenAddress.IsLoopback(options.Listen)
            ? gateway.WithEnvironment("Auth__PublicUrl", gateway.GetEndpoint(Name))
            : gateway.WithEnvironment("Auth__PublicUrl", new Uri($"{options.Scheme}://{host}:{options.Port}").AbsoluteUri);
    }
}
