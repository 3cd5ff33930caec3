using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Jarvis.ServiceDefaults.Messaging;

/// <summary>
/// The event log in Redis: a sorted set of the newest <see cref="Capacity"/> events, the newest id beside it, and a channel. One script numbers, keeps and
/// publishes an event, so each names the one before it, and a reader that missed one knows.
/// </summary>
internal sealed class RedisEventLog(IServiceProvider services, MessageBus bus, TimeProvider time) : IEventLog
{
    public const int Capacity = 1_000;

    private const string ChannelName = "jarvis.events";

    // One slot of a cluster for all of them.
    private const string LogKey = "{jarvis.events}.log";
    private const string HeadKey = "{jarvis.events}.head";
    private const string OncePrefix = "{jarvis.events}.once.";

    // The server's clock gives ids that go on growing when its newest entries were lost in a crash.
    private const string Append =
        """
        if ARGV[2] == redis.call('GET', KEYS[3]) then return 0 end
        local now = redis.call('TIME')
        local last = redis.call('GET', KEYS[1]) or '0'
        local id = tonumber(now[1]) * 1000000 + tonumber(now[2])
        if id <= tonumber(last) then id = tonumber(last) + 1 end
        id = string.format('%.0f', id)
        local entry = id .. ' ' .. (ARGV[3] == '1' and '-1' or last) .. ' ' .. ARGV[1]
        redis.call('SET', KEYS[1], id)
        redis.call('ZADD', KEYS[2], id, entry)
        redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[4]))
        redis.call('EXPIRE', KEYS[2], ARGV[5])
        redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[5])
        redis.call('PUBLISH', ARGV[6], entry)
        return 1
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private readonly RedisSubscriptions _subscriptions = new();

    private IConnectionMultiplexer Redis => services.GetRequiredService<IConnectionMultiplexer>();

    public async Task AppendAsync(EventDraft draft, CancellationToken cancellationToken) =>
        await Redis.GetDatabase().ScriptEvaluateAsync(
            Append, [HeadKey, LogKey, OncePrefix + draft.OnceKey],
            [draft.Json, draft.OnceValue, draft.Lost ? "1" : "0", Capacity, (long)KeptFor.TotalSeconds, ChannelName]).WaitAsync(Limit, time, cancellationToken);

    public async Task<EventPage> ReadAsync(long after, CancellationToken cancellationToken)
    {
        var redis = Redis.GetDatabase();
        // The head first: what is added in between is then among the events.
        var head = await redis.StringGetAsync(HeadKey).WaitAsync(Limit, time, cancellationToken);
        var entries = await redis.SortedSetRangeByScoreAsync(LogKey, after, double.PositiveInfinity, Exclude.Start).WaitAsync(Limit, time, cancellationToken);
        var events = entries.Select(entry => LoggedEvent.Parse((byte[]?)entry ?? [])).OfType<LoggedEvent>().ToArray();
        return new(long.TryParse(head.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var newest) ? newest : 0, events);
    }

    public Task SubscribeAsync(Action<LoggedEvent> handler) => _subscriptions.SubscribeAsync(Redis.GetSubscriber(), ChannelName, handler, (_, entry) =>
    {
        if (LoggedEvent.Parse((byte[]?)entry ?? []) is { } logged)
            handler(logged);
    });

    public Task WatchGapsAsync(Action missed, CancellationToken cancellationToken) => bus.WatchGapsAsync(missed, cancellationToken);
}
