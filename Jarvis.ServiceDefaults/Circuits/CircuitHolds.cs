using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>An isolation that holds for every replica, also for those that start later.</summary>
public sealed record CircuitHold(string? Reason, DateTimeOffset Since);

/// <summary>Which circuits are isolated, by <c>service/name</c>, in the Redis hash <c>jarvis.circuits.isolated</c>.</summary>
public sealed class CircuitHolds(IServiceProvider services, TimeProvider time)
{
    private const string Hash = "jarvis.circuits.isolated";

    public static string Key(string service, string name) => $"{service}/{name}";

    /// <summary>Keeps an isolation.</summary>
    /// <returns>False when Redis did not take it: then it ends with the processes that were told of it.</returns>
    public Task<bool> PutAsync(string key, CircuitHold hold, CancellationToken cancellationToken) =>
        TryAsync(redis => redis.HashSetAsync(Hash, [new HashEntry(key, JsonSerializer.Serialize(hold, JsonRules.Options))]), cancellationToken);

    /// <summary>Ends an isolation.</summary>
    /// <returns>False when Redis did not take it.</returns>
    public Task<bool> RemoveAsync(string key, CancellationToken cancellationToken) => TryAsync(redis => redis.HashDeleteAsync(Hash, key), cancellationToken);

    /// <summary>All isolations, by their keys.</summary>
    /// <returns>Null when Redis does not say.</returns>
    public async Task<IReadOnlyDictionary<string, CircuitHold>?> ReadAsync(CancellationToken cancellationToken)
    {
        var holds = new Dictionary<string, CircuitHold>(StringComparer.Ordinal);
        var read = await TryAsync(
            async redis =>
            {
                foreach (var entry in await redis.HashGetAllAsync(Hash))
                {
                    if (JsonSerializer.Deserialize<CircuitHold>(entry.Value.ToString(), JsonRules.Options) is { } hold)
                        holds[entry.Name.ToString()] = hold;
                }
            },
            cancellationToken);
        return read ? holds : null;
    }

    private async Task<bool> TryAsync(Func<IDatabase, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(services.GetRequiredService<IConnectionMultiplexer>().GetDatabase()).WaitAsync(InstanceRegistry.Timeout, time, cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus.
            return false;
        }
    }
}
