using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>
/// Brings events into the log, in order, aside from the work that they tell of: Redis being slow or gone delays nobody. While it is gone the newest
/// <see cref="Capacity"/> wait for it; when older ones had to go, readers are told that something is missing. A process that stops gives it a second to take the rest.
/// </summary>
public sealed partial class EventPublisher : BackgroundService
{
    public const int Capacity = 1_024;

    /// <summary>The bytes of an event; a larger one is not sent.</summary>
    public const int MaxBytes = 16_384;

    private static readonly ActivitySource Source = new("Jarvis.Redis");
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    // The next process has another name, so that no reader could be told what was left behind here.
    private static readonly TimeSpan DrainAtMost = TimeSpan.FromSeconds(1);

    private readonly IEventLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger<EventPublisher> _logger;
    private readonly Channel<Item> _waiting;
    private readonly string _name;
    private long _number;
    private int _losses;
    private int _told;

    public EventPublisher(IEventLog log, TimeProvider time, ILogger<EventPublisher> logger)
    {
        (_log, _time, _logger) = (log, time, logger);
        _name = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        _waiting = Channel.CreateBounded<Item>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _losses));
    }

    /// <summary>Sends <paramref name="data"/> as an event of the type, with the current correlation ID. Returns at once.</summary>
    /// <param name="type">Such as <c>task</c>.</param>
    /// <param name="data">An object that becomes at most <see cref="MaxBytes"/> of JSON.</param>
    /// <param name="once">What every replica tells alike, such as a version: told several times in a row it is one event.</param>
    public void Publish<T>(string type, T data, string? once = null)
    {
        var json = JsonSerializer.Serialize(new Body<T>(type, _time.GetUtcNow(), CorrelationId.Current, data), JsonRules.Options);
        if (json.Length > MaxBytes)
        {
            LogTooLarge(type, json.Length);
            Interlocked.Increment(ref _losses);
            return;
        }
        _waiting.Writer.TryWrite(new(type, json, once, CorrelationId.Current, Activity.Current?.Context ?? default));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using var stop = stoppingToken.Register(() => end.CancelAfter(DrainAtMost));
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
                await DeliverWaitingAsync(end.Token);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested && !end.IsCancellationRequested)
        {
            // What came while the others stopped still goes out.
            await DeliverWaitingAsync(end.Token);
        }
    }

    private async Task DeliverWaitingAsync(CancellationToken cancellationToken)
    {
        while (_waiting.Reader.TryRead(out var item))
            await DeliverAsync(item, cancellationToken);
    }

    private async Task DeliverAsync(Item item, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity($"PUBLISH jarvis.{item.Type}", ActivityKind.Producer, item.Parent);
        activity?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "EVALSHA").SetTag("messaging.destination.name", $"jarvis.{item.Type}");
        if (item.CorrelationId is { } id)
            activity?.SetTag(CorrelationId.Attribute, id);
        var number = (++_number).ToString(CultureInfo.InvariantCulture);
        var (wait, failing) = (FirstWait, false);
        while (true)
        {
            var losses = Volatile.Read(ref _losses);
            try
            {
                await _log.AppendAsync(new(item.Json, item.Once is null ? _name : item.Type, item.Once ?? number, losses != _told), cancellationToken);
                _told = losses;
                if (failing)
                    LogBack();
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Of whatever type: some of the client's exceptions are no RedisException, and an event must not end the process.
                if (!failing)
                    LogWaiting(exception.GetType().Name);
                failing = true;
                activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            }
            await Task.Delay(wait, _time, cancellationToken);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    private sealed record Body<T>(string Type, DateTimeOffset Timestamp, string? CorrelationId, T Data);

    private sealed record Item(string Type, string Json, string? Once, string? CorrelationId, ActivityContext Parent);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "Redis does not take events ({Reason}); they wait for it. Said once until it does")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(EventId = 23, Level = LogLevel.Information, Message = "Redis takes events again")]
    private partial void LogBack();

    [LoggerMessage(EventId = 24, Level = LogLevel.Warning, Message = "An event of type {Type} has {Length} bytes and was not sent")]
    private partial void LogTooLarge(string type, int length);
}
