using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Gateway.Realtime;

/// <summary>
/// Brings what the shared log gets into this replica's ring, in order and without a hole: messages of Redis when they follow one another, else, and from time
/// to time, the log itself.
/// </summary>
internal sealed partial class EventFollower(
    IEventLog log, EventRing ring, Connections connections, IOptions<RealtimeOptions> options, TimeProvider time, ILogger<EventFollower> logger) : BackgroundService
{
    private const int InboxSize = 1_024;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(2);

    // What has no room is found in the log.
    private readonly Channel<LoggedEvent?> _inbox = Channel.CreateBounded<LoggedEvent?>(
        new BoundedChannelOptions(InboxSize) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private TaskCompletionSource _looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _failing;

    /// <summary>Ends when the log has been read once more from now on, or could not be in time.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        // The look that runs now may have begun too early: this waits for the one after it.
        for (var looks = 0; looks < 2; looks++)
        {
            var looked = Volatile.Read(ref _looked).Task;
            _inbox.Writer.TryWrite(null);
            await Task.WhenAny(looked, Task.Delay(LookLimit, time, cancellationToken));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection to Redis may take seconds, and the server is to start without it.
        await Task.Yield();
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(ListenAsync(stoppingToken), TickAsync(stoppingToken), FollowAsync(stoppingToken));
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        await foreach (var logged in _inbox.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (logged is null || ring.Last is null || (logged.Id > ring.Last && logged.Previous != ring.Last))
                    await LookAsync(stoppingToken);
                else if (logged.Id > ring.Last)
                    Take(logged);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever somebody wrote into Redis: one event must not end the process. What follows it does not follow the last one here, so the log is read.
                if (!_failing)
                    LogAlone(exception.GetType().Name);
                _failing = true;
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var page = await log.ReadAsync(ring.Last ?? 0, cancellationToken);
            if (page.Events.Count == 0 && page.Head != ring.Last)
                Restart(page.Head);
            foreach (var logged in page.Events)
                Take(logged);
            if (_failing)
                LogBack();
            _failing = false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type, as with MessageBus: hints must not end the process.
            if (!_failing)
                LogAlone(exception.GetType().Name);
            _failing = true;
        }
        Interlocked.Exchange(ref _looked, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void Hear(LoggedEvent logged) => _inbox.Writer.TryWrite(logged);

    private void Take(LoggedEvent logged)
    {
        ring.Add(logged);
        connections.Signal();
    }

    private void Restart(long after)
    {
        ring.Restart(after);
        connections.Signal();
    }

    private async Task TickAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.Value.CatchUpMs), time);
        do
            _inbox.Writer.TryWrite(null);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ListenAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            try
            {
                var gaps = log.WatchGapsAsync(() => _inbox.Writer.TryWrite(null), attempt.Token);
                await log.SubscribeAsync(Hear);
                await gaps;
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The looks at the log say that Redis is away.
                await attempt.CancelAsync();
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(EventId = 460, Level = LogLevel.Warning, Message = "The event log cannot be read ({Reason}): WebSocket clients get no events until it can. Said once; tried again all the time")]
    private partial void LogAlone(string reason);

    [LoggerMessage(EventId = 461, Level = LogLevel.Information, Message = "The event log can be read again")]
    private partial void LogBack();
}
