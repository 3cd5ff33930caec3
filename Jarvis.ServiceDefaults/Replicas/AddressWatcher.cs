using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Replicas;

/// <summary>
/// Keeps <see cref="ServiceAddresses"/> as fresh as Redis lets it: it looks at the registry when a process says that it has come or goes, and
/// every two seconds in case that was lost. A process without a registry of its own asks at configured addresses only.
/// </summary>
internal sealed class AddressWatcher(
    ServiceAddresses addresses, IServiceProvider services, IOptions<RegistryOptions> options, TimeProvider time) : BackgroundService
{
    // One waiting signal stands for any number of them.
    private readonly Channel<bool> _look =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Announce || services.GetService<IRegistryReader>() is not { } reader)
            return;
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        using var untraced = SuppressInstrumentationScope.Begin();
        Task? subscribed = null;
        Task? hint = null;
        while (true)
        {
            if (subscribed is null or { IsFaulted: true } or { IsCanceled: true })
                subscribed = Subscribe();
            addresses.Take(await reader.ReadAsync(stoppingToken));
            // One wait for the next hint, however many looks it takes: the channel would keep each.
            hint ??= _look.Reader.WaitToReadAsync(stoppingToken).AsTask();
            await Task.WhenAny(Task.Delay(Announcer.Interval, time, stoppingToken), hint);
            stoppingToken.ThrowIfCancellationRequested();
            if (hint.IsCompleted)
                hint = null;
            _look.Reader.TryRead(out _);
        }
    }

    /// <summary>Not waited for: the first look need not wait for it, and one that fails is tried again with the next.</summary>
    private Task Subscribe()
    {
        try
        {
            return services.GetService<MessageBus>()?.SubscribeAsync<InstanceChange>(InstanceChange.Topic, Hear)
                ?? Task.CompletedTask;
        }
        catch (Exception exception)
        {
            // Of whatever type, as with MessageBus.
            return Task.FromException(exception);
        }
    }

    private void Hear(Message<InstanceChange> message)
    {
        if (message.Data is { Left: true, Instance: not null } change)
            addresses.Left(change.Instance);
        _look.Writer.TryWrite(true);
    }
}
