namespace Jarvis.Gateway.Realtime;

/// <summary>A client's message, as far as it can be understood.</summary>
/// <param name="Id">The client's own mark of it, repeated in the answer; null when it has none.</param>
internal abstract record ClientMessage(string? Id);

internal sealed record PingMessage(string? Id) : ClientMessage(Id);

/// <summary>Wants topics from now on, or from an event on.</summary>
/// <param name="LastEventId">Start after this event; null: with what comes now.</param>
internal sealed record SubscribeMessage(string? Id, IReadOnlyList<string> Topics, EventFilter? Filter, long? LastEventId) : ClientMessage(Id);

/// <summary>Wants topics no more.</summary>
/// <param name="Topics">Null: all.</param>
internal sealed record UnsubscribeMessage(string? Id, IReadOnlyList<string>? Topics) : ClientMessage(Id);

/// <summary>Cannot be understood.</summary>
/// <param name="Errors">What is wrong, by JSON pointer (RFC 6901); the empty one is the message itself.</param>
internal sealed record InvalidMessage(string? Id, IReadOnlyDictionary<string, string[]> Errors) : ClientMessage(Id)
{
    /// <summary>A message that is wrong as a whole.</summary>
    public static InvalidMessage Whole(string error) => new(null, new Dictionary<string, string[]>(StringComparer.Ordinal) { [""] = [error] });
}
