namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>
/// The newest events of all processes in one order, with ids that every process sees alike. Not the truth of anything: what is lost here is read again from
/// the services.
/// </summary>
public interface IEventLog
{
    /// <summary>Numbers the event, keeps it for a while, and sends it to all who listen.</summary>
    /// <exception cref="Exception">Of whatever type: it is not known whether the log took it. The same draft may be given again, and counts once.</exception>
    Task AppendAsync(EventDraft draft, CancellationToken cancellationToken);

    /// <summary>What is kept after an id, oldest first, and the id of the newest event there was.</summary>
    Task<EventPage> ReadAsync(long after, CancellationToken cancellationToken);

    /// <summary>
    /// Calls <paramref name="handler"/> for new events; be quick. They may come in another order, or not at all: <see cref="LoggedEvent.Previous"/> tells.
    /// The same method given again is called once all the same.
    /// </summary>
    Task SubscribeAsync(Action<LoggedEvent> handler);

    /// <summary>Calls <paramref name="missed"/> each time that events may have been missed. Runs until it is cancelled.</summary>
    Task WatchGapsAsync(Action missed, CancellationToken cancellationToken);
}

/// <summary>An event about to be logged.</summary>
/// <param name="Json"><c>{"type", "timestamp", "correlation_id"?, "data"}</c>.</param>
/// <param name="OnceKey">Of whom this is the next word: a publisher, or something that several processes tell of.</param>
/// <param name="OnceValue">The word. It is logged when it differs from the last one under this key.</param>
/// <param name="Lost">Events before this one were lost, so that no reader may take it for the next one.</param>
public sealed record EventDraft(string Json, string OnceKey, string OnceValue, bool Lost);

/// <summary>Events after an id.</summary>
/// <param name="Head">The newest id when the page was read; 0 when there never was an event. Events may be newer.</param>
public sealed record EventPage(long Head, IReadOnlyList<LoggedEvent> Events);
