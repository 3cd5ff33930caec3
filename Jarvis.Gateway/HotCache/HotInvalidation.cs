using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Gateway.HotCache;

/// <summary>What the catalog says on <c>jarvis.catalog</c> when it changed.</summary>
internal sealed record CatalogMoved(string Version);

/// <summary>Listens to the catalog over Redis. Without Redis answers live as long as their time says, and no longer.</summary>
internal sealed partial class HotInvalidation(HotAnswers answers, MessageBus bus, TimeProvider time, ILogger<HotInvalidation> logger) : BackgroundService
{
    public const string Topic = "jarvis.catalog";
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        for (var told = false; !stoppingToken.IsCancellationRequested; told = true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            try
            {
                var gaps = bus.WatchGapsAsync(answers.Clear, attempt.Token);
                await bus.SubscribeAsync<CatalogMoved>(Topic, Hear);
                answers.Clear();
                await gaps;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Of whatever type, as with MessageBus: hints must not end the process.
                await attempt.CancelAsync();
                if (!told)
                    LogAlone(exception.GetType().Name);
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    private void Hear(Message<CatalogMoved> message) => answers.Moved(message.Data.Version);

    [LoggerMessage(EventId = 410, Level = LogLevel.Warning, Message = "The catalog's messages cannot be subscribed to ({Reason}): a change shows when what is kept is too old. Said once; tried again every 5 s")]
    private partial void LogAlone(string reason);
}
