using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace Jarvis.Gateway.Tests.Services;

/// <summary>A process of Jarvis, as far as others hear of it, with one circuit called <c>n8n</c>.</summary>
internal sealed class FakeProcess : IAsyncDisposable
{
    private readonly IHost _host;

    private FakeProcess(IHost host) => _host = host;

    public InstanceIdentity Identity => Get<InstanceIdentity>();

    public ControlBus Bus => Get<ControlBus>();

    public IInstanceRegistry Registry => Get<IInstanceRegistry>();

    public CircuitRegistry Circuits => Get<CircuitRegistry>();

    /// <summary>How the circuit called <c>n8n</c> stands; the process has that of its HTTP clients too.</summary>
    public CircuitReport Report => Circuits.Reports().Single(circuit => circuit.Name == "n8n");

    public string State => Report.State;

    /// <summary>Starts, and waits until it hears and is heard of.</summary>
    public static async Task<FakeProcess> StartAsync(RedisServer redis, string service, Action<IServiceCollection>? configure = null, params string[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = $"Jarvis.{service}", Args = settings });
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddMessaging();
        // The last registration counts, and the messages bring a client of their own.
        builder.Services.AddSingleton(redis.Connection);
        configure?.Invoke(builder.Services);
        var process = new FakeProcess(builder.Build());
        process.Watch("n8n");
        await process._host.StartAsync();
        await UntilAsync(async () => process.Bus.IsListening && (await process.InstancesAsync()).Contains(process.Identity));
        return process;
    }

    /// <summary>Adds a circuit, which also makes the process look at what is isolated.</summary>
    public void Watch(string name) => Circuits.Watch(name, new CircuitBreakerStrategyOptions<string> { ShouldHandle = args => new(args.Outcome.Exception is not null) });

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Which processes this one knows of; asked again when Redis does not say so in time, as on a busy machine.</summary>
    public async Task<IReadOnlyList<InstanceIdentity>> InstancesAsync()
    {
        IReadOnlyList<InstanceIdentity>? instances = null;
        await UntilAsync(async () => (instances = await Registry.ListAsync(CancellationToken.None)) is not null);
        return instances!;
    }

    public static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await reached())
            await Task.Delay(5, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
