using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Announces this process every two seconds while it runs. Without Redis nobody hears it, and nothing else happens.</summary>
internal sealed class Announcer(InstanceRegistry registry, TimeProvider time) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        while (true)
        {
            await TryAsync(registry.AnnounceAsync, stoppingToken);
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(registry.LeaveAsync, cancellationToken);
    }

    private static async Task TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type: MessageBus says that Redis is away, and the next turn tries again.
        }
    }
}
