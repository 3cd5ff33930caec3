using System.Net.WebSockets;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>Replicas that share a log: what is in it comes to every client, once and in order, whichever replica it is at.</summary>
public sealed class FanOutTests
{
    private static readonly object Tasks = new { topics = new[] { "task" } };
    private readonly MemoryEventLog _log = new();

    [Fact]
    public async Task Event_ComesToEveryClientOfEveryReplica_OnceAndInOrder()
    {
        const int Clients = 60, Events = 300;
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(index => WsClient.SubscribeAsync(index % 2 == 0 ? one : two, Tasks)));
        for (var n = 0; n < Events; n++)
            _log.Append("task", new { n });
        foreach (var numbers in await Task.WhenAll(clients.Select(client => client.NumbersAsync(Events))))
            Assert.Equal(Enumerable.Range(0, Events), numbers);
        Array.ForEach(clients, client => client.Dispose());
    }

    [Fact]
    public async Task Frame_HasTypeIdTimeCorrelationAndData()
    {
        await using var host = await StartAsync();
        using var client = await WsClient.SubscribeAsync(host, Tasks);
        var id = _log.Append("task", new { n = 1 }, "of-the-task");
        var frame = await client.ReceiveAsync();
        Assert.Equal($$$"""{"id":"{{{id}}}","type":"task","timestamp":"1970-01-01T00:00:00Z","correlation_id":"of-the-task","data":{"n":1}}""", frame.GetRawText());
    }

    [Fact]
    public async Task Client_OfAKilledReplica_GoesOnAtAnother()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
        var before = await WsClient.SubscribeAsync(one, Tasks);
        _log.Append("task", new { n = 0 });
        _log.Append("task", new { n = 1 });
        Assert.Equal(0, (await before.ReceiveAsync()).GetProperty("data").GetProperty("n").GetInt32());
        var last = (await before.ReceiveAsync()).GetProperty("id").GetString();
        before.Socket.Abort();
        before.Dispose();
        await one.StopAsync();
        for (var n = 2; n < 200; n++)
            _log.Append("task", new { n });

        using var after = await WsClient.SubscribeAsync(two, new { topics = new[] { "task" }, last_event_id = last });
        _log.Append("task", new { n = 200 });
        Assert.Equal(Enumerable.Range(2, 199), await after.NumbersAsync(199));
    }

    [Fact]
    public async Task Client_ThatSawMoreThanTheReplica_WaitsForItToCatchUp()
    {
        await using var ahead = await StartAsync();
        await using var behind = await StartAsync(catchUpMs: 60_000);
        behind.Log.IsDeaf = true;
        using var before = await WsClient.SubscribeAsync(ahead, Tasks);
        _log.Append("task", new { n = 0 });
        var last = (await before.ReceiveAsync()).GetProperty("id").GetString();
        _log.Append("task", new { n = 1 });
        using var after = await WsClient.SubscribeAsync(behind, new { topics = new[] { "task" }, last_event_id = last });
        Assert.Equal([1], await after.NumbersAsync(1));
    }

    [Fact]
    public async Task Messages_ThatRedisLost_AreReadFromTheLog()
    {
        await using var host = await StartAsync(catchUpMs: 60_000);
        using var client = await WsClient.SubscribeAsync(host, Tasks);
        _log.Append("task", new { n = 0 });
        Assert.Equal([0], await client.NumbersAsync(1));
        host.Log.IsDeaf = true;
        _log.Append("task", new { n = 1 });
        _log.Append("task", new { n = 2 });
        host.Log.IsDeaf = false;
        _log.Append("task", new { n = 3 });
        Assert.Equal([1, 2, 3], await client.NumbersAsync(3));
    }

    [Fact]
    public async Task Messages_ThatRedisLost_AreReadFromTheLogInTime()
    {
        await using var host = await StartAsync();
        using var client = await WsClient.SubscribeAsync(host, Tasks);
        host.Log.IsCutOff = true;
        _log.Append("task", new { n = 1 });
        host.Log.IsCutOff = false;
        Assert.Equal([1], await client.NumbersAsync(1));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("99999999999")]
    public async Task Client_WhoseLastEventIsNotKnown_IsTold(string last)
    {
        await using var host = await StartAsync();
        _log.Append("task", new { n = 0 });
        using var client = await WsClient.SubscribeAsync(host, new { topics = new[] { "task" }, last_event_id = last });
        Assert.Equal("reset", (await client.ReceiveAsync()).GetProperty("type").GetString());
        _log.Append("task", new { n = 1 });
        Assert.Equal([1], await client.NumbersAsync(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clients_AreTold_WhenEventsWereLost(bool byRedis)
    {
        await using var host = await StartAsync();
        using var client = await WsClient.SubscribeAsync(host, Tasks);
        _log.Append("task", new { n = 0 });
        Assert.Equal([0], await client.NumbersAsync(1));
        if (byRedis)
            _log.Flush();
        else
            _log.Append("task", new { n = 1 }, lost: true);
        var reset = await client.ReceiveAsync();
        Assert.Equal("reset", reset.GetProperty("type").GetString());
        _log.Append("task", new { n = 2 });
        Assert.Equal([2], await client.NumbersAsync(1));
    }

    [Fact]
    public async Task Filter_LetsOnlyItsTaskAndCorrelationThrough()
    {
        var task = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync();
        using var ofTask = await WsClient.SubscribeAsync(host, new { topics = new[] { "task" }, filter = new { task_id = task } });
        using var ofCorrelation = await WsClient.SubscribeAsync(host, new { topics = new[] { "task", "catalog" }, filter = new { correlation_id = "the-one" } });
        _log.Append("task", new { n = 1 });
        _log.Append("task", new { n = 2, task_id = task });
        _log.Append("workflow", new { n = 3, task_id = task }, "the-one");
        _log.Append("catalog", new { n = 4 }, "the-one");
        _log.Append("task", new { n = 5, task_id = task }, "the-one");
        Assert.Equal([2, 5], await ofTask.NumbersAsync(2));
        Assert.Equal([4, 5], await ofCorrelation.NumbersAsync(2));
    }

    [Fact]
    public async Task Client_ThatDoesNotRead_IsDroppedAndNobodyWaitsForIt()
    {
        await using var host = await StartAsync(settings: ["--WebSockets:SendTimeoutSeconds=1"]);
        var slow = await WsClient.SubscribeAsync(host, Tasks);
        using var quick = await WsClient.SubscribeAsync(host, Tasks);
        var text = new string('x', 16_000);
        var n = 0;
        // More than the buffers of both systems take.
        while (host.Connections.Count == 2)
        {
            _log.Append("task", new { n, text });
            Assert.Equal([n++], await quick.NumbersAsync(1));
        }
        Assert.Equal(1, host.Connections.Count);
        slow.Dispose();
    }

    [Fact]
    public async Task Heartbeats_ComeWhileSomebodyListens()
    {
        await using var host = await StartAsync(settings: ["--WebSockets:HeartbeatMs=100"]);
        using var client = await WsClient.SubscribeAsync(host, new { topics = new[] { "heartbeat" } });
        var beats = new[] { await client.ReceiveAsync(), await client.ReceiveAsync() };
        Assert.All(beats, beat =>
        {
            Assert.Equal("heartbeat", beat.GetProperty("type").GetString());
            Assert.True(beat.GetProperty("data").GetProperty("memory_used_bytes").GetInt64() > 0);
        });
        Assert.True(!OperatingSystem.IsLinux() || beats[1].GetProperty("data").TryGetProperty("cpu_percent", out _));
        await client.SendAsync(new { type = "unsubscribe" });
        while ((await client.ReceiveAsync()).GetProperty("type").GetString() == "heartbeat")
            continue;
        Assert.False(host.Connections.WantHeartbeats);
        Assert.Equal(WebSocketState.Open, client.Socket.State);
    }

    private Task<RealtimeHost> StartAsync(int catchUpMs = 100, params string[] settings) => RealtimeHost.StartAsync(_log, [$"--WebSockets:CatchUpMs={catchUpMs}", "--WebSockets:MaxConnectionsPerUser=100", .. settings]);
}
