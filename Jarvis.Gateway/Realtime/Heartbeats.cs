using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>Samples the machine while somebody listens to heartbeats: one sample and one frame for all.</summary>
internal sealed class Heartbeats(Connections connections, IOptions<RealtimeOptions> options, TimeProvider time) : BackgroundService
{
    private readonly HostMetrics _host = new(options.Value.DiskPath);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.HeartbeatMs), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (connections.WantHeartbeats)
                connections.Beat(ServerFrames.Heartbeat(time.GetUtcNow(), _host.Read(connections.Count)));
        }
    }
}
