using System.Buffers.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>An event as the log has it: <c>{id} {previous} {json}</c>.</summary>
/// <param name="Id">Microseconds of the log's clock, made unique: later events have larger ids.</param>
/// <param name="Previous">The id of the event before it; <see cref="Unknown"/> when some before it were lost.</param>
/// <param name="Json">The event as UTF-8.</param>
public sealed record LoggedEvent(long Id, long Previous, ReadOnlyMemory<byte> Json)
{
    public const long Unknown = -1;

    private static readonly EventBody Unreadable = new("", default, null, default);
    private EventBody? _body;

    /// <summary>What kind of event it is, such as <c>task</c>; empty when it is no event.</summary>
    public string Type => Body.Type;

    public string? CorrelationId => Body.CorrelationId;

    public JsonElement Data => Body.Data;

    private EventBody Body => _body ??= Read(Json.Span);

    /// <summary>Null when it is no entry of the log.</summary>
    public static LoggedEvent? Parse(ReadOnlyMemory<byte> entry)
    {
        var text = entry.Span;
        if (!Utf8Parser.TryParse(text, out long id, out var length) || id <= 0 || length >= text.Length || text[length] != ' ')
            return null;
        var rest = text[(length + 1)..];
        if (!Utf8Parser.TryParse(rest, out long previous, out var second) || second >= rest.Length || rest[second] != ' ')
            return null;
        var json = entry[(length + second + 2)..];
        return json.Length > 2 && json.Span[0] == '{' ? new(id, previous, json) : null;
    }

    private static EventBody Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<EventBody>(json, JsonRules.Options) is { Type: not null } body ? body : Unreadable;
        }
        catch (JsonException)
        {
            return Unreadable;
        }
    }
}

/// <summary>An event's own members.</summary>
internal sealed record EventBody(string Type, DateTimeOffset Timestamp, string? CorrelationId, JsonElement Data);
