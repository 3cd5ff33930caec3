using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// The token buckets that all replicas share, in Redis. A request waits for Redis once and not for long; then Redis counts as gone, nobody waits any more, and it is
/// asked beside the requests until it answers again.
/// </summary>
internal sealed partial class RedisBuckets(IServiceProvider services, IOptions<LimitsOptions> options, TimeProvider time, ILogger<RedisBuckets> logger)
    : BackgroundService, IRemoteBuckets
{
    // One number per bucket: when it will be full again, in microseconds of the server's clock, the one clock that all replicas share. No lease takes more than a
    // quarter of what is left, so that the other replicas find something.
    private const string Script = """
        local t = redis.call('TIME')
        local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
        local capacity, interval, ask, back = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local stored = redis.call('GET', KEYS[1])
        local full = now
        if stored then full = math.max(tonumber(stored), now) end
        full = math.max(full - back * interval, now)
        local free = math.max(0, math.floor(capacity - (full - now) / interval))
        local granted = math.min(ask, free)
        if ask > 1 and granted > 1 then granted = math.max(1, math.min(granted, math.floor(free / 4))) end
        local wait = 0
        if granted == 0 then wait = math.max(1, math.ceil(full - now - (capacity - 1) * interval)) end
        full = full + granted * interval
        if granted > 0 or back ~= 0 then
          redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', math.ceil((full - now) / 1000) + 1000))
        end
        return {granted, free - granted, wait}
        """;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private readonly TimeSpan _patience = TimeSpan.FromMilliseconds(options.Value.RedisTimeoutMs);
    private readonly TaskCompletionSource<IDatabase> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _gone = new(0, 1);
    private volatile bool _isGone;
    private int _outages;

    public bool IsUp => !_isGone;

    public int Outages => Volatile.Read(ref _outages);

    public async Task<RemoteAnswer?> TakeAsync(string key, Quota quota, int ask, int back)
    {
        try
        {
            return await AskAsync(key, quota.PerMinute, quota.IntervalMicroseconds, ask, back).WaitAsync(_patience, time);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Of whatever type: some of the client's exceptions are no RedisException.
            Lose(exception.GetType().Name);
            return null;
        }
    }

    /// <summary>A gateway whose Redis is there begins with it: the first requests neither wait for the connection nor for the script to be compiled.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_started.Task, Task.Delay(StartPatience, time, cancellationToken));
    }

    public override void Dispose()
    {
        _gone.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        while (!TryConnect())
        {
            _started.TrySetResult();
            await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
        }
        if (!await IsBackAsync(StartPatience))
            Lose("not there");
        _started.TrySetResult();
        while (!stoppingToken.IsCancellationRequested)
        {
            await _gone.WaitAsync(stoppingToken);
            while (!await IsBackAsync(_patience))
                await Task.Delay(TimeSpan.FromMilliseconds(options.Value.ProbeMs), time, stoppingToken);
            _isGone = false;
            LogBack();
        }
    }

    /// <summary>
    /// The client connects again by itself once it was made; making it may fail, for instance while the host's name cannot be resolved.
    /// </summary>
    private bool TryConnect()
    {
        try
        {
            _connected.TrySetResult(services.GetRequiredService<IConnectionMultiplexer>().GetDatabase());
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Lose(exception.GetType().Name);
            return false;
        }
    }

    private async Task<RemoteAnswer> AskAsync(string key, int capacity, double interval, int ask, int back)
    {
        var database = await _connected.Task;
        RedisKey[] keys = [key];
        RedisValue[] values = [capacity, interval.ToString("R", CultureInfo.InvariantCulture), ask, back];
        RedisResult result;
        try
        {
            result = await database.ScriptEvaluateAsync(Script, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A server that was started anew; the client has noticed now.
            result = await database.ScriptEvaluateAsync(Script, keys, values);
        }
        var numbers = (long[])result!;
        return new((int)numbers[0], (int)numbers[1], TimeSpan.FromMicroseconds(numbers[2]));
    }

    /// <summary>Asks for what a limit would ask, so that a server that answers but refuses scripts or writes is still gone.</summary>
    private async Task<bool> IsBackAsync(TimeSpan patience)
    {
        try
        {
            await AskAsync("jarvis:limit:probe", 1_000_000, 1, 1, 0).WaitAsync(patience, time);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    private void Lose(string reason)
    {
        lock (_connected)
        {
            if (_isGone)
                return;
            _outages++;
            _isGone = true;
            _gone.Release();
        }
        LogGone(reason);
    }

    [LoggerMessage(EventId = 460, Level = LogLevel.Warning, Message = "Redis does not keep the limits ({Reason}): sign-in and runs are refused, each replica allows a share of the other limits. Said once until it is back")]
    private partial void LogGone(string reason);

    [LoggerMessage(EventId = 461, Level = LogLevel.Information, Message = "Redis keeps the limits again")]
    private partial void LogBack();
}
