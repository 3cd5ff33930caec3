using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.OpenApi;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Caching;

/// <summary><c>GET cache/stats</c> and <c>POST cache/clear</c>.</summary>
public static class CachesApi
{
    /// <summary>Registers the directory of this process' caches: each singleton that is registered as <see cref="ICountedCache"/>. A process without any says so.</summary>
    public static TBuilder AddCaches<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(LocalCaches)))
            return builder;
        builder.Services.AddSingleton<LocalCaches>();
        builder.Services.TryAddSingleton<ICacheDirectory>(services => services.GetRequiredService<LocalCaches>());
        builder.AddControl();
        builder.Services.AddCacheCommands();
        return builder;
    }

    /// <summary>Below <paramref name="routes"/>, the group of <c>/api/v2</c>.</summary>
    /// <param name="clearing">Called before anything is done; what it throws keeps it from being done.</param>
    public static IEndpointRouteBuilder MapCaches(
        this IEndpointRouteBuilder routes, Func<HttpContext, string?, CancellationToken, Task>? clearing = null)
    {
        var group = routes.MapGroup("/cache").WithTags("System");
        group.MapGet("/stats", async (ICacheDirectory caches, CancellationToken cancellationToken) => Enveloped.Ok(await caches.StatsAsync(cancellationToken)))
            .RequireAuthorization(Policies.Viewer)
            .WithName("cache-stats").WithSummary("Entries, bytes, hits and misses of every cache");
        group.MapPost("/clear", async (string? cache, ICacheDirectory caches, HttpContext context, CancellationToken cancellationToken) =>
            {
                var name = cache is "" ? null : cache;
                if (clearing is not null)
                    await clearing(context, name, cancellationToken);
                return Enveloped.Ok(await caches.ClearAsync(name, cancellationToken));
            })
            .RequireAuthorization(Policies.Admin).WithName("cache-clear").WithSummary("Empties every cache, or the one that is named")
            .WithQuery("cache", "Only the caches of this name.", "hot").WithError(ErrorCode.ResourceNotFound, "No cache is named 'attic'. There are: hot, answers.");
        return routes;
    }
}
