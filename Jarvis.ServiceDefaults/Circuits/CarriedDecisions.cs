using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>
/// The copy of the decisions in Redis (hash <c>jarvis.circuits.decisions</c>), for who is not to ask the gateway every few seconds. It is written again and again from
/// Postgres: one that was emptied tells nothing, and ends nothing.
/// </summary>
public sealed class CarriedDecisions(IServiceProvider services, TimeProvider time)
{
    internal const string Hash = "jarvis.circuits.decisions";

    // Beside the decisions, so that "none were made" differs from "they were lost".
    private const string Complete = "*";

    /// <summary>The decisions as they were carried last.</summary>
    /// <returns>Null when Redis does not say, or has lost them.</returns>
    public async Task<IReadOnlyList<CircuitDecision>?> ReadAsync(CancellationToken cancellationToken)
    {
        var entries = await TryAsync(redis => redis.HashGetAllAsync(Hash), cancellationToken);
        return entries is null || !Array.Exists(entries, entry => entry.Name == Complete) ? null : [.. entries.Select(Read).OfType<CircuitDecision>()];
    }

    /// <summary>Writes those of <paramref name="decisions"/> that Redis has otherwise, or not at all.</summary>
    /// <param name="decisions">All that there are.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when Redis did not take them.</returns>
    public async Task<bool> CarryAsync(IReadOnlyList<CircuitDecision> decisions, CancellationToken cancellationToken)
    {
        if (await TryAsync(redis => redis.HashGetAllAsync(Hash), cancellationToken) is not { } entries)
            return false;
        var there = entries.ToDictionary(entry => entry.Name.ToString(), entry => entry.Value.ToString(), StringComparer.Ordinal);
        var wanted = decisions.Select(one => new HashEntry(one.Circuit, JsonSerializer.Serialize(one, JsonRules.Options))).Append(new(Complete, "1"));
        HashEntry[] differing = [.. wanted.Where(entry => there.GetValueOrDefault(entry.Name.ToString()) != entry.Value)];
        return differing.Length == 0 || await TryAsync(redis => SetAsync(redis, differing), cancellationToken) is not null;
    }

    private static async Task<object> SetAsync(IDatabase redis, HashEntry[] entries)
    {
        await redis.HashSetAsync(Hash, entries);
        return entries;
    }

    private static CircuitDecision? Read(HashEntry entry)
    {
        try
        {
            return entry.Name == Complete ? null
                : JsonSerializer.Deserialize<CircuitDecision>(entry.Value.ToString(), JsonRules.Options) is { Circuit: not null } decision ? decision : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<T?> TryAsync<T>(Func<IDatabase, Task<T>> act, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var redis = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            return await act(redis).WaitAsync(InstanceRegistry.Timeout, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus.
            return null;
        }
    }
}
