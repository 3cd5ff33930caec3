using System.Net;
using Jarvis.Gateway.HotCache;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.Gateway.Tests.HotCache;

public sealed class HotChangeTests
{
    private const string Agents = "/api/v2/agents";
    private const string Long = "--HotCache:TtlMs=60000";

    [Fact]
    public async Task Answer_OlderThanItsTime_IsAskedForAnew()
    {
        var clock = new Clock();
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        Assert.Equal("one", await gateway.VersionAsync());
        gateway.Catalog.Version = "two";
        clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal("one", await gateway.VersionAsync());
        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("two", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Answer_ThatWasLongOnItsWay_IsAsOldAsItsQuestion()
    {
        var clock = new Clock();
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        gateway.Catalog.Close();
        var slow = gateway.VersionAsync();
        await gateway.Catalog.Arrived;
        clock.Advance(TimeSpan.FromSeconds(3));
        gateway.Catalog.Version = "two";
        gateway.Catalog.Open();
        Assert.Equal("one", await slow);
        Assert.Equal("two", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Answer_OlderThanItsTime_IsNotServedForACatalogThatIsDown()
    {
        var clock = new Clock();
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock));
        await gateway.VersionAsync();
        await gateway.Catalog.StopAsync();
        using (var kept = await gateway.SendAsync(Agents))
            Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        clock.Advance(TimeSpan.FromSeconds(2));
        using var down = await gateway.SendAsync(Agents);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, down.StatusCode);
    }

    [Fact]
    public async Task Ttl_OfZero_KeepsNothing()
    {
        await using var gateway = await GatewayHost.StartAsync(null, "--HotCache:TtlMs=0");
        await gateway.VersionAsync();
        await gateway.VersionAsync();
        Assert.Equal(2, gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Version_OtherThanTheKeptOne_DropsAll()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        await gateway.VersionAsync();
        gateway.Answers.Moved("one");
        await gateway.VersionAsync();
        Assert.Equal(1, gateway.Catalog.Asked(Agents));
        gateway.Catalog.Version = "two";
        gateway.Answers.Moved("two");
        Assert.Equal("two", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Version_OfANewerAnswer_DropsTheOlderOnes()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        await gateway.VersionAsync();
        gateway.Catalog.Version = "two";
        await gateway.VersionAsync($"{Agents}?limit=5");
        Assert.Equal("two", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Write_ThroughTheGateway_IsReadByItsWriter()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        await gateway.VersionAsync();
        using var written = await gateway.Client.PostAsync(Agents, null);
        Assert.Equal(HttpStatusCode.Created, written.StatusCode);
        Assert.Equal("written", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Answer_AskedForBeforeAChange_IsNotKeptAfterIt()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        gateway.Catalog.Close();
        var early = gateway.VersionAsync();
        await gateway.Catalog.Arrived;
        gateway.Catalog.Version = "two";
        gateway.Answers.Moved("two");
        var late = gateway.VersionAsync();
        gateway.Catalog.Open();
        Assert.Equal("one", await early);
        Assert.Equal("two", await late);
        Assert.Equal("two", await gateway.VersionAsync());
        Assert.Equal(2, gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Many_WhoAskTheSameAtOnce_AreOneQuestion()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long, "--HotCache:JoinMs=30000");
        gateway.Catalog.Close();
        var all = Enumerable.Range(0, 50).Select(_ => gateway.VersionAsync()).ToArray();
        await gateway.Catalog.Arrived;
        gateway.Catalog.Open();
        Assert.All(await Task.WhenAll(all), version => Assert.Equal("one", version));
        Assert.Equal(1, gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Asker_WhoGoesAway_IsReplacedByOneWhoWaits()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long, "--HotCache:JoinMs=30000");
        gateway.Catalog.Close();
        using var leave = new CancellationTokenSource();
        var leader = gateway.Client.GetAsync(Agents, leave.Token);
        await gateway.Catalog.Arrived;
        var waiting = Enumerable.Range(0, 5).Select(_ => gateway.VersionAsync()).ToArray();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        gateway.Catalog.Open();
        Assert.All(await Task.WhenAll(waiting), version => Assert.Equal("one", version));
    }

    [Fact]
    public async Task Waiting_LongerThanItsLimit_AsksItself()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long, "--HotCache:JoinMs=0");
        gateway.Catalog.Close();
        var first = gateway.VersionAsync();
        await gateway.Catalog.Arrived;
        gateway.Catalog.Close();
        var second = gateway.VersionAsync();
        await gateway.Catalog.Arrived;
        gateway.Catalog.Open();
        Assert.Equal("one", await second);
        Assert.Equal(2, gateway.Catalog.Asked(Agents));
        _ = first;
    }

    [Fact]
    public async Task Replica_ThatHasNotFollowedAWrite_DoesNotBringTheOldStateBack()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        await gateway.VersionAsync();
        (await gateway.Client.PostAsync(Agents, null)).Dispose();
        // The next answer is another replica's.
        gateway.Catalog.Version = "one";
        Assert.Equal("one", await gateway.VersionAsync());
        gateway.Catalog.Version = "written";
        Assert.Equal("written", await gateway.VersionAsync());
        // Nor does it drop what is right.
        gateway.Catalog.Version = "one";
        await gateway.VersionAsync($"{Agents}?limit=5");
        Assert.Equal("written", await gateway.VersionAsync());
    }

    [Fact]
    public async Task Replica_ThatHasNotFollowedAMessage_IsNotBelieved_ThoughNothingWasKept()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        gateway.Answers.Moved("two");
        Assert.Equal("one", await gateway.VersionAsync());
        gateway.Catalog.Version = "two";
        Assert.Equal("two", await gateway.VersionAsync());
        // It went back, and says so.
        gateway.Answers.Moved("one");
        gateway.Catalog.Version = "one";
        Assert.Equal("one", await gateway.VersionAsync());
        Assert.Equal("one", await gateway.VersionAsync());
        Assert.Equal(3, gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Version_ThatAWriteDidNotChange_IsKeptAgainAfterAWhile()
    {
        var clock = new Clock();
        await using var gateway = await GatewayHost.StartAsync(builder => builder.Services.AddSingleton<TimeProvider>(clock), Long);
        await gateway.VersionAsync();
        gateway.Answers.Written();
        await gateway.VersionAsync();
        await gateway.VersionAsync();
        Assert.Equal(3, gateway.Catalog.Asked(Agents));
        clock.Advance(DoubtedVersions.Time);
        await gateway.VersionAsync();
        await gateway.VersionAsync();
        Assert.Equal(4, gateway.Catalog.Asked(Agents));
    }

    [Fact]
    public async Task Many_WhoseAnswerCannotBeShared_EachGetTheirOwn()
    {
        await using var gateway = await GatewayHost.StartAsync(null, Long);
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gateway.SendAsync("/api/v2/agents/nobody")));
        Assert.All(all, response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;

        public override long GetTimestamp() => _ticks;
    }
}
