using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Realtime;

/// <summary>Samples the machine while somebody listens to heartbeats: one sample and one frame for all.</summary>
internal sealed partial class Heartbeats(
    Connections connections, IOptions<RealtimeOptions> options, TimeProvider time, ILogger<Heartbeats> logger) : BackgroundService
{
    private readonly HostMetrics _host = new(options.Value.DiskPath);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.HeartbeatMs), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (connections.WantHeartbeats)
                Beat();
        }
    }

    private void Beat()
    {
        try
        {
            connections.Beat(ServerFrames.Heartbeat(time.GetUtcNow(), _host.Read(connections.Count)));
            _failing = false;
        }
        catch (Exception exception)
        {
            // Whatever a drive or a system can answer: a figure must not end the process.
            if (!_failing)
                LogFailed(exception);
            _failing = true;
        }
    }

    [LoggerMessage(EventId = 462, Level = LogLevel.Warning, Message = "The machine could not be sampled for heartbeats. Said once until it can")]
    private partial void LogFailed(Exception exception);
}
