using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Health;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Replicas;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Messaging;

public static class MessagingExtensions
{
    /// <summary>
    /// Registers the Redis client, <see cref="MessageBus"/> and <see cref="EventPublisher"/>. The bus makes its own spans, at once: the client's instrumentation flushes every
    /// ten seconds. Redis is speed and not truth, so a service without it is degraded, not down.
    /// </summary>
    public static TBuilder AddMessaging<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddRedisClient("redis", settings =>
        {
            settings.DisableTracing = true;
            settings.DisableHealthChecks = true;
        });
        builder.Services.AddSingleton<MessageBus>();
        builder.AddControlBus();
        builder.Services.AddRegistryReader();
        builder.AddCircuitSync();
        builder.Services.AddHealthChecks().AddCheck<RedisCheck>("redis", HealthStatus.Degraded, [HealthTags.Part], timeout: TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton<IEventLog, RedisEventLog>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EventPublisher>());
        return builder;
    }

    private sealed class RedisCheck(IServiceProvider services) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().PingAsync().WaitAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
            {
                return HealthCheckResult.Degraded("does not answer; events to other replicas are lost meanwhile, nothing else is");
            }
        }
    }
}
