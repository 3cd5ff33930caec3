using System.Text.Json;
using System.Text.Json.Serialization;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Gateway.Realtime;

/// <summary>Answers to a client's messages, and what else is no event, as UTF-8.</summary>
internal static class ServerFrames
{
    public const string InvalidCode = "INVALID_MESSAGE";

    public static ReadOnlyMemory<byte> Pong(string? id, DateTimeOffset now) => Bytes(new("pong", id, now));

    public static ReadOnlyMemory<byte> Subscribed(string type, string? id, DateTimeOffset now, Subscription subscription, long? position) =>
        Bytes(new(type, id, now) { Data = new { Topics = subscription.Topics.Keys, LastEventId = position?.ToString(System.Globalization.CultureInfo.InvariantCulture) } });

    /// <summary>Events may be missing: the client reads again what it shows, and goes on from here.</summary>
    public static ReadOnlyMemory<byte> Reset(DateTimeOffset now, long? position) =>
        Bytes(new("reset", position?.ToString(System.Globalization.CultureInfo.InvariantCulture), now)
        {
            Data = new { Reason = "Events before this one are not known here any more. Read again what you show." },
        });

    public static ReadOnlyMemory<byte> Heartbeat(DateTimeOffset now, object data) => Bytes(new("heartbeat", null, now) { Data = data });

    public static ReadOnlyMemory<byte> Error(string? id, DateTimeOffset now, string code, string error, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Bytes(new("error", id, now) { ErrorCode = code, Error = error, Errors = errors });

    public static ReadOnlyMemory<byte> Invalid(InvalidMessage message, DateTimeOffset now) => Error(
        message.Id, now, InvalidCode, $"The message is wrong: {string.Join("; ", message.Errors.Select(error => $"{(error.Key.Length == 0 ? "it" : error.Key)} {error.Value[0]}"))}.",
        message.Errors);

    private static byte[] Bytes(Frame frame) => JsonSerializer.SerializeToUtf8Bytes(frame, JsonRules.Options);

    private sealed record Frame(string Type, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id, DateTimeOffset Timestamp)
    {
        // The connection's: what this frame belongs to.
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? CorrelationId { get; init; } = ServiceDefaults.Correlation.CorrelationId.Current;

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? ErrorCode { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Error { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public object? Data { get; init; }
    }
}
