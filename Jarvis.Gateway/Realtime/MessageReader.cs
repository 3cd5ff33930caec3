using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Gateway.Realtime;

/// <summary>
/// Reads <c>{"type", "id"?, "data"?}</c>: any bytes become exactly one <see cref="ClientMessage"/>, an <see cref="InvalidMessage"/> names all that is wrong.
/// Members that are not known are ignored.
/// </summary>
internal static class MessageReader
{
    /// <summary>The longest message, in bytes.</summary>
    public const int MaxBytes = 16_384;

    private const int MaxDepth = 32;
    private const int MaxIdLength = 64;
    private const int MaxTopics = 20;
    private static readonly string[] Types = ["ping", "subscribe", "unsubscribe"];

    public static ClientMessage Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return InvalidMessage.Whole($"must have at most {MaxBytes} bytes");
        if (!Utf8.IsValid(bytes.Span))
            return InvalidMessage.Whole("must be UTF-8");
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return new Reading(document.RootElement).Message();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return InvalidMessage.Whole($"must be JSON, at most {MaxDepth} levels deep, that has no member twice");
        }
    }

    /// <summary>One message while it is read.</summary>
    private sealed class Reading(JsonElement root)
    {
        private readonly FieldErrors _errors = new();
        private JsonElement _data;

        public ClientMessage Message()
        {
            if (root.ValueKind != JsonValueKind.Object)
                return InvalidMessage.Whole("must be an object");
            var id = Text(root, "", "id", MaxIdLength);
            var type = root.TryGetProperty("type", out var given) ? String(given) : null;
            if (type is null || !Types.Contains(type, StringComparer.Ordinal))
                Wrong("/type", $"must be one of {string.Join(", ", Types)}");
            if (root.TryGetProperty("data", out _data) && _data.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
                Wrong("/data", "must be an object");
            ClientMessage? message = _errors.Count > 0 ? null : type switch
            {
                "ping" => new PingMessage(id),
                "subscribe" => new SubscribeMessage(id, Topics() ?? Missing(), Filter(), LastEventId()),
                _ => new UnsubscribeMessage(id, Topics()),
            };
            return message is null || _errors.Count > 0 ? new InvalidMessage(id, _errors.Messages) : message;
        }

        private List<string>? Topics()
        {
            if (!Member(_data, "topics", out var topics))
                return null;
            var names = new List<string>();
            if (topics.ValueKind != JsonValueKind.Array || topics.GetArrayLength() is < 1 or > MaxTopics)
            {
                Wrong("/data/topics", $"must be an array of 1 to {MaxTopics} topics");
                return names;
            }
            foreach (var (index, item) in topics.EnumerateArray().Index())
            {
                if (String(item) is { } name && Realtime.Topics.Exists(name))
                    names.Add(name);
                else
                    Wrong(string.Create(CultureInfo.InvariantCulture, $"/data/topics/{index}"), $"must be one of {string.Join(", ", Realtime.Topics.All)}");
            }
            return names;
        }

        private List<string> Missing()
        {
            Wrong("/data/topics", "is required");
            return [];
        }

        private EventFilter? Filter()
        {
            if (!Member(_data, "filter", out var filter))
                return null;
            if (filter.ValueKind != JsonValueKind.Object)
            {
                Wrong("/data/filter", "must be an object");
                return null;
            }
            Guid? task = null;
            if (Member(filter, "task_id", out var given))
            {
                if (Guid.TryParse(String(given), out var guid))
                    task = guid;
                else
                    Wrong("/data/filter/task_id", "must be a task's id");
            }
            var correlation = Text(filter, "/data/filter", "correlation_id", CorrelationId.MaxLength);
            return task is null && correlation is null ? null : new(task, correlation);
        }

        private long? LastEventId()
        {
            if (!Member(_data, "last_event_id", out var given))
                return null;
            if (long.TryParse(String(given), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                return id;
            Wrong("/data/last_event_id", "must be the id of an event, as a string");
            return null;
        }

        private string? Text(JsonElement parent, string pointer, string name, int maxLength)
        {
            if (!Member(parent, name, out var given))
                return null;
            if (String(given) is { Length: > 0 } text && text.Length <= maxLength)
                return text;
            Wrong($"{pointer}/{name}", $"must be a string of 1 to {maxLength} characters");
            return null;
        }

        /// <summary>Null counts as absent.</summary>
        private static bool Member(JsonElement parent, string name, out JsonElement member)
        {
            member = default;
            return parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
        }

        private static string? String(JsonElement element)
        {
            try
            {
                return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
            }
            catch (InvalidOperationException)
            {
                return null; // half of a surrogate pair, as an escape
            }
        }

        private void Wrong(string pointer, string error) => _errors.Add(pointer, error);
    }
}
