using System.Net.WebSockets;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Realtime;

/// <summary>
/// One client: what it wants, where it is in the ring, and the one loop that writes to it. Nothing here waits for another client.
/// </summary>
internal sealed class Connection : IDisposable
{
    /// <summary>Answers that wait to be sent; then no more of the client's messages are read.</summary>
    private const int MaxAnswers = 16;

    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly WebSocket _socket;
    private readonly EventRing _ring;
    private readonly TimeProvider _time;
    private readonly TimeSpan _sendLimit;
    private readonly ITimer _watchdog;
    private readonly ITimer _expiry;
    private readonly Channel<Func<ReadOnlyMemory<byte>>> _answers = Channel.CreateBounded<Func<ReadOnlyMemory<byte>>>(new BoundedChannelOptions(MaxAnswers) { SingleReader = true });
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private volatile Subscription _subscription = Subscription.None;
    private RingPosition _position;
    private bool _resetDue;
    private HeldBeat? _beat;
    private Closing? _closing;

    public Connection(WebSocket socket, Caller caller, EventRing ring, RealtimeOptions options, TimeProvider time)
    {
        (_socket, Caller, _ring, _time) = (socket, caller, ring, time);
        _sendLimit = TimeSpan.FromSeconds(options.SendTimeoutSeconds);
        _watchdog = time.CreateTimer(_ => Abort(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _expiry = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Caller Caller { get; }

    /// <summary>Why this side ended it; null when the client did.</summary>
    public string? ClosedFor => Volatile.Read(ref _closing)?.Reason;

    public bool IsClosing => Volatile.Read(ref _closing) is not null;

    public bool WantsHeartbeats => _subscription.HasHeartbeat;

    /// <summary>Reads with <paramref name="read"/>, and writes, until the connection has ended.</summary>
    public async Task RunAsync(Func<Task> read)
    {
        Expire();
        var writing = WriteAsync();
        try
        {
            await read();
        }
        catch (Exception exception) when (IsBrokenOff(exception))
        {
            // By the client, or here.
        }
        Close(WebSocketCloseStatus.NormalClosure, null);
        await writing;
    }

    /// <summary>Sends what <paramref name="answer"/> makes when its turn comes; waits while the client does not read its answers.</summary>
    public async Task AnswerAsync(Func<ReadOnlyMemory<byte>> answer)
    {
        if (await _answers.Writer.WaitToWriteAsync())
            _answers.Writer.TryWrite(answer);
        Signal();
    }

    /// <summary>From now on, or from a place in the ring, what <paramref name="change"/> makes of the subscription.</summary>
    /// <param name="type">The answer's type.</param>
    /// <param name="start">Where to start; null: where it is, or with what comes now.</param>
    /// <param name="isLost">What was asked for is not known here any more.</param>
    public Task SubscribeAsync(string type, string? id, Func<Subscription, Subscription> change, RingPosition? start = null, bool isLost = false) => AnswerAsync(() =>
    {
        var (now, last) = _ring.Now;
        var isNew = !_subscription.HasEvents;
        _subscription = change(_subscription);
        _resetDue |= isLost;
        if (start is { } place)
            _position = place;
        else if (isNew || isLost)
            _position = now;
        return ServerFrames.Subscribed(type, id, _time.GetUtcNow(), _subscription, last);
    });

    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>The newest heartbeat, in place of one that was not sent yet.</summary>
    public void Beat(ReadOnlyMemory<byte> frame)
    {
        if (!WantsHeartbeats)
            return;
        Volatile.Write(ref _beat, new HeldBeat(frame));
        Signal();
    }

    /// <summary>Ends the connection within a second, whatever it does at the moment. The first reason counts.</summary>
    public void Close(WebSocketCloseStatus status, string? reason)
    {
        if (Interlocked.CompareExchange(ref _closing, new(status, reason), null) is not null)
            return;
        _watchdog.Change(CloseLimit, Timeout.InfiniteTimeSpan);
        Signal();
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _expiry.Dispose();
        _socket.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            while (Volatile.Read(ref _closing) is null)
            {
                if (NextFrame() is { } frame)
                    await SendAsync(frame);
                else
                    await _signal.Reader.ReadAsync();
            }
            _watchdog.Change(CloseLimit, Timeout.InfiniteTimeSpan);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(_closing!.Status, _closing.Reason, CancellationToken.None);
        }
        catch (Exception exception) when (IsBrokenOff(exception))
        {
            Abort();
        }
        finally
        {
            _answers.Writer.TryComplete();
        }
    }

    /// <summary>Null when there is nothing to send, or only to close.</summary>
    private ReadOnlyMemory<byte>? NextFrame()
    {
        if (_answers.Reader.TryRead(out var answer))
            return answer();
        if (_resetDue)
            return Reset();
        if (Interlocked.Exchange(ref _beat, null) is { } beat && WantsHeartbeats)
            return beat.Frame;
        while (_subscription.HasEvents)
        {
            switch (_ring.Read(ref _position, out var entry))
            {
                case RingRead.Event when _subscription.Wants(entry!):
                    return entry!.Frame;
                case RingRead.Event:
                    continue;
                case RingRead.Broken:
                    return Reset();
                case RingRead.Behind:
                    Close(CloseReasons.TryAgainLater, CloseReasons.TooSlow);
                    return null;
                default:
                    return null;
            }
        }
        return null;
    }

    private ReadOnlyMemory<byte> Reset()
    {
        _resetDue = false;
        return ServerFrames.Reset(_time.GetUtcNow(), _ring.Now.Last);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (sending.IsCompletedSuccessfully)
        {
            await sending;
            return;
        }
        // Cancelling a send would end the connection as well; this costs nothing when the client reads.
        _watchdog.Change(_sendLimit, Timeout.InfiniteTimeSpan);
        if (IsClosing)
            _watchdog.Change(CloseLimit, Timeout.InfiniteTimeSpan);
        await sending;
        _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private static bool IsBrokenOff(Exception exception) => exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private void Abort()
    {
        // When nothing else ended it, the client did not take a frame in time.
        Interlocked.CompareExchange(ref _closing, new(CloseReasons.TryAgainLater, CloseReasons.TooSlow), null);
        _socket.Abort();
        Signal();
    }

    private void Expire()
    {
        var left = Caller.ExpiresAt - _time.GetUtcNow();
        if (left <= TimeSpan.Zero)
            Close(WebSocketCloseStatus.PolicyViolation, CloseReasons.Expired);
        else
            _expiry.Change(left < LongestTimer ? left : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    private sealed record Closing(WebSocketCloseStatus Status, string? Reason);

    private sealed record HeldBeat(ReadOnlyMemory<byte> Frame);
}
