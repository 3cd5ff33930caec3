using System.Net.WebSockets;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Realtime;

/// <summary>Reads one client's messages and answers each.</summary>
internal sealed class MessageLoop(WebSocket socket, Connection connection, EventRing ring, EventFollower follower, RealtimeOptions options, TimeProvider time)
{
    private readonly FrameReader _reader = new(socket);
    private readonly MessageBudget _budget = new(options.MessageBurst, options.MaxMessagesPerSecond, time);

    // Refusals, too, are answered only so often: five seconds' worth of messages, and a fifth of the rate.
    private readonly MessageBudget _patience = new(options.MaxMessagesPerSecond * 5.0, options.MaxMessagesPerSecond / 5.0, time);

    /// <summary>Ends when the client closes.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            var (kind, bytes) = await _reader.ReadAsync();
            switch (kind)
            {
                case FrameKind.Close:
                    return;
                case FrameKind.FarTooLong:
                    connection.Close(WebSocketCloseStatus.MessageTooBig, CloseReasons.TooLarge);
                    break;
                case var _ when connection.IsClosing:
                    break;
                case var _ when !_budget.TryTake():
                    await RefuseAsync();
                    break;
                case FrameKind.Text:
                    await TakeAsync(MessageReader.Read(bytes));
                    break;
                default:
                    await TakeAsync(InvalidMessage.Whole(kind == FrameKind.Binary ? "must be text" : $"must have at most {MessageReader.MaxBytes} bytes"));
                    break;
            }
        }
    }

    private Task TakeAsync(ClientMessage message) => message switch
    {
        PingMessage => connection.AnswerAsync(() => ServerFrames.Pong(message.Id, time.GetUtcNow())),
        SubscribeMessage subscribe => SubscribeAsync(subscribe),
        UnsubscribeMessage unsubscribe => connection.SubscribeAsync(
            "unsubscribed", message.Id, subscription => unsubscribe.Topics is { } topics ? subscription.Without(topics) : Subscription.None),
        InvalidMessage invalid => connection.AnswerAsync(() => ServerFrames.Invalid(invalid, time.GetUtcNow())),
        _ => Task.CompletedTask,
    };

    private async Task SubscribeAsync(SubscribeMessage message)
    {
        var forbidden = message.Topics.Index().Where(topic => !connection.Caller.Has(Topics.RoleFor(topic.Item)))
            .ToDictionary(topic => $"/data/topics/{topic.Index}", topic => (string[])[$"needs the role {Topics.RoleFor(topic.Item).Name()}"], StringComparer.Ordinal);
        if (forbidden.Count > 0)
        {
            await connection.AnswerAsync(() => ServerFrames.Error(
                message.Id, time.GetUtcNow(), ErrorCode.Forbidden.Name, "Your role is too low for some of these topics; nothing was subscribed to.", forbidden));
            return;
        }
        RingPosition? start = null;
        if (message.LastEventId is { } last)
        {
            start = ring.After(last);
            if (start is null && (ring.Last is null || last > ring.Last))
            {
                // It saw more elsewhere than this replica has heard of so far.
                await follower.CatchUpAsync(CancellationToken.None);
                start = ring.After(last);
            }
        }
        await connection.SubscribeAsync(
            "subscribed", message.Id, subscription => subscription.With(message.Topics, message.Filter), start, isLost: message.LastEventId is not null && start is null);
    }

    private async Task RefuseAsync()
    {
        if (_patience.TryTake())
            await connection.AnswerAsync(() => ServerFrames.Error(null, time.GetUtcNow(), ErrorCode.RateLimited.Name, $"At most {options.MaxMessagesPerSecond} messages a second are taken; this one was not."));
        else
            connection.Close(WebSocketCloseStatus.PolicyViolation, CloseReasons.TooMany);
    }
}
