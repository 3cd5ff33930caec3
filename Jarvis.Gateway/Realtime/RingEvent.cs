using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Messaging;

namespace Jarvis.Gateway.Realtime;

/// <summary>An event as it goes out: the frame's bytes, made once for all clients, and what filters look at.</summary>
internal sealed record RingEvent(long Id, string Topic, Guid? TaskId, string? CorrelationId, ReadOnlyMemory<byte> Frame)
{
    public static RingEvent Of(LoggedEvent logged)
    {
        var task = logged.Data.ValueKind == JsonValueKind.Object && logged.Data.TryGetProperty("task_id", out var id)
            && id.ValueKind == JsonValueKind.String && id.TryGetGuid(out var guid) ? guid : (Guid?)null;
        byte[] frame = [.. Encoding.ASCII.GetBytes($"{{\"id\":\"{logged.Id}\","), .. logged.Json.Span[1..]];
        return new(logged.Id, logged.Type, task, logged.CorrelationId, frame);
    }
}
