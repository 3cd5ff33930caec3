using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>
/// Announces this process every two seconds while it runs, with its address from when it is ready. A process that stops says so first and goes
/// on to answer for a moment, so that nobody is sent to it who is not answered. Without Redis nobody hears it, and nothing else happens.
/// </summary>
internal sealed class Announcer(
    InstanceRegistry registry, OwnAnnouncement own, MessageBus bus, IOptions<RegistryOptions> options, TimeProvider time)
    : BackgroundService, IHostedLifecycleService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _leaving = new();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything else of this process stops, the server among it.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _leaving.CancelAsync();
        if (ExecuteTask is { } announcing)
            await announcing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var untraced = SuppressInstrumentationScope.Begin();
        var left = await TryAsync(registry.LeaveAsync, cancellationToken);
        if (!left || own.Current.Address is null)
            return;
        await TryAsync(token => TellAsync(left: true, token), cancellationToken);
        await TryAsync(token => Task.Delay(TimeSpan.FromMilliseconds(options.Value.DrainMs), time, token), cancellationToken);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
        _leaving.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        using var untraced = SuppressInstrumentationScope.Begin();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _leaving.Token);
        var ready = own.GetReadyAsync(either.Token);
        for (var told = false; ;)
        {
            var isNews = !told && ready.IsCompletedSuccessfully;
            if (await TryAsync(registry.AnnounceAsync, either.Token) && isNews)
            {
                told = true;
                if (own.Current.Address is not null)
                    await TellAsync(left: false, either.Token);
            }
            var next = Task.Delay(Interval, time, either.Token);
            await (ready.IsCompleted ? next : Task.WhenAny(next, ready));
            either.Token.ThrowIfCancellationRequested();
        }
    }

    private Task<bool> TellAsync(bool left, CancellationToken cancellationToken) =>
        bus.PublishAsync(InstanceChange.Topic, new InstanceChange(own.Current.Service, own.Current.Instance, left), cancellationToken);

    private static async Task<bool> TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type: MessageBus says that Redis is away, and the next turn tries again.
            return false;
        }
    }
}
