using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Jarvis.FunctionalTests.Stack;
using StackExchange.Redis;

namespace Jarvis.FunctionalTests;

/// <summary>Who is there, when Redis goes away and when a process is started anew.</summary>
[Collection(StackCollection.Name)]
public sealed class RegistryTests(JarvisStack jarvis)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Isolation_MeetsAProcessThatStartsLater()
    {
        var before = await InstanceAsync();
        try
        {
            (await jarvis.Client.PostAsync("/api/v2/circuit-breakers/n8n/isolate", null)).Dispose();
            await jarvis.StopResourceAsync("workflows");
            // Redis only carries it: what it forgets is still decided.
            await using (var redis = await ConnectionMultiplexer.ConnectAsync($"{await jarvis.App.GetConnectionStringAsync("redis")},allowAdmin=true"))
                await redis.GetDatabase().ExecuteAsync("FLUSHALL");
            await jarvis.StartResourceAsync("workflows");
            await Eventually.GetAsync("the new process isolates n8n by itself", Soon, async () =>
            {
                var circuit = await N8nAsync();
                return circuit is { } n8n && n8n.GetProperty("instance").GetString() != before && n8n.GetProperty("state").GetString() == "isolated" ? "isolated" : null;
            });
        }
        finally
        {
            (await jarvis.Client.PostAsync("/api/v2/circuit-breakers/n8n/reset", null)).Dispose();
        }
        await Eventually.GetAsync("n8n is let through", Soon, async () => await N8nAsync() is { } n8n && n8n.GetProperty("state").GetString() == "closed" ? "closed" : null);
    }

    [Fact]
    public async Task WithoutRedis_TheCircuitsOfEachAddressAreSeenAndSwitched()
    {
        await jarvis.StopResourceAsync("redis");
        try
        {
            var all = JsonSerializer.Deserialize<JsonElement>(await Eventually.GetAsync("circuits without Redis", Soon, async () =>
            {
                var found = await jarvis.GetAsync("/api/v2/circuit-breakers");
                return found.GetProperty("partial").GetBoolean() && await N8nAsync() is not null ? found.GetRawText() : null;
            }));
            Assert.Empty(all.GetProperty("unreachable").EnumerateArray());
            using var isolated = await jarvis.Client.PostAsync("/api/v2/circuit-breakers/n8n/isolate", null);
            var data = (await isolated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
            Assert.True(data.GetProperty("lasting").GetBoolean());
            Assert.Equal("isolated", (await N8nAsync())!.Value.GetProperty("state").GetString());
            (await jarvis.Client.PostAsync("/api/v2/circuit-breakers/n8n/reset", null)).Dispose();
            Assert.Equal("closed", (await N8nAsync())!.Value.GetProperty("state").GetString());
        }
        finally
        {
            await jarvis.StartResourceAsync("redis");
        }
        await Eventually.GetAsync("the processes are known again", Soon, async () =>
        {
            using var health = await jarvis.Client.GetAsync("/health");
            return health.IsSuccessStatusCode && !(await health.Content.ReadAsStringAsync()).Contains("degraded", StringComparison.Ordinal) ? await InstanceAsync() : null;
        });
    }

    private async Task<string?> InstanceAsync()
    {
        var services = (await jarvis.GetAsync("/api/v2/services")).GetProperty("services");
        return services.EnumerateArray().Single(service => service.GetProperty("name").GetString() == "workflows").GetProperty("instances")
            .EnumerateArray().Select(instance => instance.GetProperty("instance").GetString()).SingleOrDefault();
    }

    private async Task<JsonElement?> N8nAsync()
    {
        var all = (await jarvis.GetAsync("/api/v2/circuit-breakers")).GetProperty("circuit_breakers");
        return all.EnumerateArray().Where(circuit => circuit.GetProperty("name").GetString() == "n8n").Select(circuit => (JsonElement?)circuit).SingleOrDefault();
    }
}
