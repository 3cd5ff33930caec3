using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Security;

/// <summary>A route that forgot to say who may call it stops the service in development, and with it every test of the whole stack. Elsewhere such a route is for admins.</summary>
internal sealed class PolicyCheck(IServiceProvider services, IHostEnvironment environment) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var open = services.GetService<EndpointDataSource>() is { } endpoints ? Without(endpoints).ToList() : [];
        return open.Count > 0 && environment.IsDevelopment()
            ? throw new InvalidOperationException($"These routes have no policy: {string.Join(", ", open)}. Say RequireAuthorization(Policies.…) or AllowAnonymous().")
            : Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The routes that do not say who may call them.</summary>
    internal static IEnumerable<string> Without(EndpointDataSource endpoints) => endpoints.Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
        .Select(route => route.RoutePattern.RawText ?? route.DisplayName ?? "?");
}
