using System.Collections.Immutable;

namespace Jarvis.Gateway.Realtime;

/// <summary>Narrows a topic to one task's or one correlation ID's events; null is any.</summary>
internal sealed record EventFilter(Guid? TaskId, string? CorrelationId)
{
    public bool Lets(RingEvent entry) =>
        (TaskId is null || entry.TaskId == TaskId) && (CorrelationId is null || string.Equals(entry.CorrelationId, CorrelationId, StringComparison.Ordinal));
}

/// <summary>What one client wants: topics, each with a filter or without.</summary>
internal sealed record Subscription(ImmutableSortedDictionary<string, EventFilter?> Topics)
{
    public static Subscription None { get; } = new(ImmutableSortedDictionary.Create<string, EventFilter?>(StringComparer.Ordinal));

    public bool HasHeartbeat => Topics.ContainsKey(Realtime.Topics.Heartbeat);

    public bool HasEvents => Topics.Count > (HasHeartbeat ? 1 : 0);

    public Subscription With(IEnumerable<string> topics, EventFilter? filter) =>
        new(Topics.SetItems(topics.Select(topic => KeyValuePair.Create(topic, filter))));

    public Subscription Without(IEnumerable<string> topics) => new(Topics.RemoveRange(topics));

    public bool Wants(RingEvent entry) => Topics.TryGetValue(entry.Topic, out var filter) && (filter is null || filter.Lets(entry));
}
