using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Workflows.Tasks;

/// <summary>Wakes the streams of a task when some replica says that it changed. Without Redis they look for themselves, a little later.</summary>
public sealed partial class TaskEventsSignals(IEventLog log, TimeProvider time, ILogger<TaskEventsSignals> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Channel<bool>, Guid> _streams = new();

    /// <summary>A reader that gets a signal for each change of the task, several at once as one. Give it back with <see cref="Leave"/>.</summary>
    public Channel<bool> Enter(Guid task)
    {
        var signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _streams[signal] = task;
        return signal;
    }

    public void Leave(Channel<bool> signal) => _streams.TryRemove(signal, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        for (var told = false; !stoppingToken.IsCancellationRequested; told = true)
        {
            try
            {
                await log.SubscribeAsync(Hear);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Of whatever type, as with MessageBus: hints must not end the process.
                if (!told)
                    LogAlone(exception.GetType().Name);
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    private void Hear(LoggedEvent logged)
    {
        if (_streams.IsEmpty || logged.Type != TaskNews.TaskType || !logged.Data.TryGetProperty("task_id", out var id)
            || id.ValueKind != JsonValueKind.String || !id.TryGetGuid(out var task))
            return;
        foreach (var (signal, watched) in _streams)
        {
            if (watched == task)
                signal.Writer.TryWrite(true);
        }
    }

    [LoggerMessage(EventId = 360, Level = LogLevel.Warning, Message = "Events cannot be subscribed to ({Reason}): streams of tasks look for themselves. Said once; tried again every 5 s")]
    private partial void LogAlone(string reason);
}
