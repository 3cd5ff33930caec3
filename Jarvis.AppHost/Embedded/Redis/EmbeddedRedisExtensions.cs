using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.AppHost.Embedded.Redis;

static class EmbeddedRedisExtensions
{
    /// <summary>Adds a Redis-compatible server as a plain process: Redis or Valkey when one is installed, else Garnet.</summary>
    public static IResourceBuilder<EmbeddedRedisResource> AddEmbeddedRedis(this IDistributedApplicationBuilder builder, [ResourceName] string name)
    {
        var ready = $"{name}_ready";
        var redis = builder.AddResource(new EmbeddedRedisResource(name, builder.AppHostDirectory))
            .WithEndpoint(name: EmbeddedRedisResource.TcpEndpoint, scheme: "tcp", isProxied: false)
            // Read by Garnet alone: with a heap per core it would take several times the memory. For Windows; elsewhere its own
            // environment has them.
            .WithEnvironment("DOTNET_gcServer", "0")
            .WithEnvironment("DOTNET_TieredPGO", "0")
            .WithHealthCheck(ready)
            .WithIconName("Memory16")
            .ExcludeFromManifest();
        redis.OnBeforeResourceStarted(static (resource, _, _) =>
        {
            resource.Reservation?.Dispose();
            return Task.CompletedTask;
        });
        redis.WithArgs(context =>
        {
            foreach (var argument in redis.Resource.Arguments)
                context.Args.Add(argument);
        });
        builder.Services.AddHealthChecks().AddCheck(ready, new RedisHealthCheck(redis.Resource));
        builder.Services.AddSingleton<IEmbeddedServer>(services => ActivatorUtilities.CreateInstance<RedisServer>(services, redis));
        return redis;
    }
}
