using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>Reads who is alive and where.</summary>
public interface IRegistryReader
{
    /// <summary>Asks Redis; null when it does not say.</summary>
    Task<RegistryView?> ReadAsync(CancellationToken cancellationToken);
}

/// <inheritdoc cref="IRegistryReader"/>
internal sealed class RegistryReader(IServiceProvider services, AddressRules rules, TimeProvider time) : IRegistryReader
{
    // Many times what one Jarvis has; who fills the registry with more gains nothing by it.
    private const int MaxProcesses = 512;

    public async Task<RegistryView?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var redis = services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
            var asked = time.GetTimestamp();
            var entries = redis.HashGetAllAsync(InstanceRegistry.Hash);
            var announcing = redis.SetMembersAsync(InstanceRegistry.Services);
            await Task.WhenAll(entries, announcing).WaitAsync(InstanceRegistry.Timeout, time, cancellationToken);
            var said = (await entries).Take(MaxProcesses).Select(entry => Read(entry.Name, entry.Value)).OfType<Announcement>().ToArray();
            var lives = await Task.WhenAll(said.Select(one => redis.KeyTimeToLiveAsync(InstanceRegistry.Key(one.Instance))))
                .WaitAsync(InstanceRegistry.Timeout, time, cancellationToken);
            return new(
                asked,
                [.. said.Zip(lives).Where(one => one.Second is not null).Select(one => Live(one.First, one.Second!.Value))],
                [.. (await announcing).Take(MaxProcesses).Select(name => name.ToString())]);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus: without Redis nobody knows.
            return null;
        }
    }

    private LiveProcess Live(Announcement said, TimeSpan left) =>
        new(said.Service, said.Instance, said.StartedAt, InstanceRegistry.Life - left, rules.Check(said));

    private static Announcement? Read(RedisValue name, RedisValue value)
    {
        try
        {
            var said = JsonSerializer.Deserialize<Announcement>(value.ToString(), JsonRules.Options);
            return said is { Service: not null } && said.Instance == name.ToString() ? said : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
