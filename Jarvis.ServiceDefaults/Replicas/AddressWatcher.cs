using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Keeps <see cref="ServiceAddresses"/> as fresh as Redis lets it: it looks at the registry when a process says that it has come or goes, and every two seconds in case that was
/// lost. A process without a registry of its own asks at configured addresses only.
/// </summary>
internal sealed class AddressWatcher(ServiceAddresses addresses, IServiceProvider services, IOptions<RegistryOptions> options, TimeProvider time) : BackgroundService
{
    // One waiting signal stands for any number of them.
    private readonly Channel<bool> _look = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Announce || services.GetService<IRegistryReader>() is not { } reader)
            return;
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        using var untraced = SuppressInstrumentationScope.Begin();
        var subscribed = false;
        while (true)
        {
            subscribed = subscribed || await TrySubscribeAsync(stoppingToken);
            addresses.Take(await reader.ReadAsync(stoppingToken));
            await Task.WhenAny(Task.Delay(Announcer.Interval, time, stoppingToken), _look.Reader.WaitToReadAsync(stoppingToken).AsTask());
            stoppingToken.ThrowIfCancellationRequested();
            _look.Reader.TryRead(out _);
        }
    }

    private async Task<bool> TrySubscribeAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (services.GetService<MessageBus>() is { } bus)
                await bus.SubscribeAsync<InstanceChange>(InstanceChange.Topic, message => Hear(message.Data)).WaitAsync(InstanceRegistry.Timeout, time, stoppingToken);
            return true;
        }
        catch (Exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus: it is tried again with the next look.
            return false;
        }
    }

    private void Hear(InstanceChange change)
    {
        if (change is { Left: true, Instance: not null })
            addresses.Left(change.Instance);
        _look.Writer.TryWrite(true);
    }
}
