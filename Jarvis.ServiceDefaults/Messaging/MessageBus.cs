using System.Diagnostics;
using System.Text.Json;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Envelopes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>
/// Events between processes over Redis pub/sub, as JSON with the sender's correlation ID. They are hints: losing one costs freshness, never
/// correctness, so publishing only throws when it is cancelled, and never delays its caller for longer than <see cref="PublishTimeout"/>.
/// </summary>
public sealed partial class MessageBus(IServiceProvider services, TimeProvider time, ILogger<MessageBus> logger)
{
    /// <summary>The longest that a publisher waits for Redis.</summary>
    public static readonly TimeSpan PublishTimeout = TimeSpan.FromMilliseconds(500);

    private static readonly ActivitySource Source = new("Jarvis.Redis");

    private readonly RedisSubscriptions _subscriptions = new();
    private volatile bool _failing;

    /// <summary>Sends <paramref name="data"/> to every process that listens on <paramref name="topic"/> (such as <c>jarvis.task</c>).</summary>
    /// <returns>False when Redis did not take it in time.</returns>
    public async Task<bool> PublishAsync<T>(string topic, T data, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity($"PUBLISH {topic}", ActivityKind.Client);
        activity?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "PUBLISH").SetTag("messaging.destination.name", topic);
        try
        {
            var redis = services.GetRequiredService<IConnectionMultiplexer>();
            var message = JsonSerializer.Serialize(new Message<T>(time.GetUtcNow(), CorrelationId.Current, data), JsonRules.Options);
            await redis.GetSubscriber().PublishAsync(Channel(topic), message).WaitAsync(PublishTimeout, time, cancellationToken);
            _failing = false;
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type: some of the client's exceptions are no RedisException, and a hint must not end a background service.
            activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
            if (!_failing)
                LogLost(exception.GetType().Name, topic);
            _failing = true;
            return false;
        }
    }

    /// <summary>
    /// Calls <paramref name="handler"/> for each message on <paramref name="topic"/>, one at a time, from the Redis reader's thread: be quick. The same method given
    /// again, after an attempt that failed, is called once all the same.
    /// </summary>
    public Task SubscribeAsync<T>(string topic, Action<Message<T>> handler) =>
        _subscriptions.SubscribeAsync(services.GetRequiredService<IConnectionMultiplexer>().GetSubscriber(), topic, handler, (_, value) =>
        {
            try
            {
                if (JsonSerializer.Deserialize<Message<T>>(value.ToString(), JsonRules.Options) is { } message)
                    handler(message);
            }
            catch (JsonException exception)
            {
                LogUnreadable(exception, topic);
            }
        });

    /// <summary>
    /// Calls <paramref name="missed"/> each time that the connection to Redis is back: messages may have been lost meanwhile. Once at once and once when
    /// the subscriptions surely stand again. Runs until it is cancelled.
    /// </summary>
    public async Task WatchGapsAsync(Action missed, CancellationToken cancellationToken)
    {
        var redis = services.GetRequiredService<IConnectionMultiplexer>();
        // One waiting signal stands for any number of them.
        var restored = System.Threading.Channels.Channel.CreateBounded<bool>(new System.Threading.Channels.BoundedChannelOptions(1) { FullMode = System.Threading.Channels.BoundedChannelFullMode.DropWrite });
        void OnRestored(object? sender, ConnectionFailedEventArgs connection) => restored.Writer.TryWrite(true);
        redis.ConnectionRestored += OnRestored;
        try
        {
            await foreach (var _ in restored.Reader.ReadAllAsync(cancellationToken))
            {
                missed();
                try
                {
                    // On the connection that carries the subscriptions, so behind their renewal.
                    await redis.GetSubscriber().PingAsync().WaitAsync(TimeSpan.FromSeconds(5), time, cancellationToken);
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    // It went away again, and will be restored again.
                }
                missed();
            }
        }
        finally
        {
            redis.ConnectionRestored -= OnRestored;
        }
    }

    private static RedisChannel Channel(string topic) => new(topic, RedisChannel.PatternMode.Literal);

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "Redis did not take a message ({Reason}) on {Topic}; its readers are less fresh, nothing is lost. Said once until it takes one again")]
    private partial void LogLost(string reason, string topic);

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "A message on {Topic} could not be read")]
    private partial void LogUnreadable(Exception exception, string topic);
}

/// <summary>An event as it travels.</summary>
public sealed record Message<T>(DateTimeOffset Timestamp, string? CorrelationId, T Data);
